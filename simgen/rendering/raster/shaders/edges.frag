// Where one surface ends and another begins: towards the next column (1) and the next row (2).
#include "pixel.glsl"
out float out_edge;

bool apart(vec2 here, vec2 there, vec2 e, ivec2 q, vec3 step, vec3 p, vec3 n) {
    if (here.y != there.y) return true;
    if (here.y == 0.0) return false;
    vec2 f = texelFetch(g_normal, q, 0).xy - e;
    if (dot(f, f) > 0.004) return true;
    // Off the plane through the point: one part of a body before another.
    return abs(there.x - here.x) > 0.01 * here.x && abs(dot(n, step * there.x - p)) > 0.01 * here.x + 0.01;
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    ivec2 last = textureSize(g_place, 0) - 1;
    ivec2 right = min(pixel + ivec2(1, 0), last), below = min(pixel + ivec2(0, 1), last);
    vec2 here = texelFetch(g_place, pixel, 0).xy;
    vec2 a = texelFetch(g_place, right, 0).xy, b = texelFetch(g_place, below, 0).xy;
    vec2 e = texelFetch(g_normal, pixel, 0).xy;
    vec3 ray = ray_at(gl_FragCoord.xy);
    vec3 n = normal_at(pixel);
    vec3 p = ray * here.x;
    float edge = apart(here, a, e, right, ray + world_from_camera[0] * pinhole.x, p, n) ? 1.0 : 0.0;
    edge += apart(here, b, e, below, ray + world_from_camera[1] * pinhole.y, p, n) ? 2.0 : 0.0;
    out_edge = edge / 255.0;
}
