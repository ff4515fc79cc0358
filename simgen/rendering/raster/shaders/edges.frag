// Where a surface ends, between a pixel and the next one to the right (x) and below (y): 1 between different things and
// parts of one that lie far apart, 0.6 where the depth of one jumps a little, 0.3 where one turns.
uniform sampler2D g_normal;
uniform sampler2D g_place;
layout(location = 0) out vec2 out_edge;

float apart(vec2 a, vec2 b, vec2 n, vec2 m) {
    float jump = abs(a.x - b.x), near = min(a.x, b.x);
    if (a.y != b.y || jump > 0.04 * near) return 1.0;
    vec2 turn = abs(n - m);
    return jump > 0.02 * near ? 0.6 : (max(turn.x, turn.y) > 0.08 ? 0.3 : 0.0);
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy), last = textureSize(g_place, 0) - 1;
    ivec2 right = min(pixel + ivec2(1, 0), last), below = min(pixel + ivec2(0, 1), last);
    vec2 here = texelFetch(g_place, pixel, 0).xy, normal = texelFetch(g_normal, pixel, 0).xy;
    out_edge = vec2(apart(here, texelFetch(g_place, right, 0).xy, normal, texelFetch(g_normal, right, 0).xy),
                    apart(here, texelFetch(g_place, below, 0).xy, normal, texelFetch(g_normal, below, 0).xy));
}
