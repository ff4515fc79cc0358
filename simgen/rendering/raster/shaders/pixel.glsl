// What the G-buffer says about a pixel. Positions are relative to the eye, in world axes.
#include "bent.glsl"
uniform sampler2D g_albedo;
uniform sampler2D g_normal;
uniform sampler2D g_depth;   // planar z, 0 where there is sky
uniform mat3 world_from_camera;
uniform vec4 pinhole;  // 1/fx, 1/fy, cx + 0.5, cy + 0.5

vec3 ray_at(vec2 window) {
    return world_from_camera * vec3((window - pinhole.zw) * pinhole.xy, 1.0);
}

vec3 normal_at(ivec2 pixel) { return world_from_camera * straightened(texelFetch(g_normal, pixel, 0).xy); }
