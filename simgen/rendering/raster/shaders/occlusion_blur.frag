// Mean over the pattern of the occlusion pass, within one surface.
uniform sampler2D open_raw;
out float out_open;

void main() {
    ivec2 cell = ivec2(gl_FragCoord.xy);
    ivec2 last = textureSize(open_raw, 0) - 1;
    float z = texelFetch(open_raw, cell, 0).y;
    float reach = 0.04 * z + 0.02;
    float sum = 0.0, total = 0.0;
    for (int y = -1; y <= 1; ++y)
        for (int x = -1; x <= 1; ++x) {
            vec2 other = texelFetch(open_raw, clamp(cell + ivec2(x, y), ivec2(0), last), 0).xy;
            float w = abs(other.y - z) < reach ? 1.0 : 0.0;
            sum += w * other.x;
            total += w;
        }
    out_open = sum / total;
}
