// How much of the sky around a point its neighbourhood hides (after McGuire et al. 2011), at half resolution.
#include "pixel.glsl"
uniform float focal;   // fx in pixels
out vec2 out_open;   // share that is open, planar z

const int TAPS = 7;
const vec2 SPIRAL[TAPS] = vec2[](vec2(0.071, 0.0), vec2(-0.158, 0.145), vec2(0.031, -0.356), vec2(0.304, 0.397),
                                 vec2(-0.633, -0.112), vec2(0.663, -0.422), vec2(-0.241, 0.896));

void main() {
    ivec2 cell = ivec2(gl_FragCoord.xy);
    ivec2 size = textureSize(g_place, 0);
    ivec2 pixel = min(cell * 2, size - 1);
    vec2 place = texelFetch(g_place, pixel, 0).xy;
    if (place.y == 0.0) { out_open = vec2(1.0, 0.0); return; }
    vec3 p = ray_at(vec2(pixel) + 0.5) * place.x;
    vec3 n = normal_at(pixel);
    float reach = clamp(0.12 * place.x, 0.03, 0.9);
    float reach_px = min(reach * focal / place.x, 0.2 * float(size.x));
    float turn = float(cell.x % 3 * 3 + cell.y % 3) * 0.6981317;
    vec2 x_axis = vec2(cos(turn), sin(turn)) * reach_px;
    float hidden = 0.0;
    float within = 1.0 / (reach * reach);
    vec3 ray_x = world_from_camera[0] * pinhole.x;
    vec3 ray_y = world_from_camera[1] * pinhole.y;
    vec3 ray_0 = ray_at(vec2(pixel) + 0.5);
    for (int i = 0; i < TAPS; ++i) {
        ivec2 o = ivec2(SPIRAL[i].x * x_axis + SPIRAL[i].y * vec2(-x_axis.y, x_axis.x));
        ivec2 q = clamp(pixel + o, ivec2(0), size - 1);
        vec2 other = texelFetch(g_place, q, 0).xy;
        vec2 step_px = vec2(q - pixel);
        vec3 to = (ray_0 + ray_x * step_px.x + ray_y * step_px.y) * other.x - p;
        float d2 = dot(to, to);
        float rise = dot(n, to) * inversesqrt(d2 + 1e-8) - 0.12;
        hidden += max(0.0, rise) * max(0.0, 1.0 - d2 * within);
    }
    out_open = vec2(clamp(1.0 - hidden * (2.4 / float(TAPS)), 0.0, 1.0), place.x);
}
