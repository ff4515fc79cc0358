// Nearer than the far plane where a pixel lies between cells of the light and a surface ends or turns beside it.
uniform sampler2D g_place;
uniform sampler2D edges;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec2 own = texelFetch(edges, pixel, 0).xy;
    vec2 before = vec2(texelFetch(edges, max(pixel - ivec2(1, 0), 0), 0).x, texelFetch(edges, max(pixel - ivec2(0, 1), 0), 0).y);
    vec2 ends = max(own, before) * vec2(pixel & 1);
    gl_FragDepth = max(ends.x, ends.y) > 0.2 && texelFetch(g_place, pixel, 0).y > 0.0 ? 0.5 : 1.0;
}
