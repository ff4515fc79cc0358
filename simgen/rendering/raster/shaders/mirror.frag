// Light from the picture where the picture shows the point, and a plain estimate where it does not.
#include "node.glsl"
#include "shade.glsl"
flat in float mark;
flat in vec3 base;
in vec3 point;
in vec3 normal;
uniform sampler2D diffuse;
uniform sampler2D gloss;
uniform sampler2D g_albedo;
uniform sampler2D g_depth;
uniform mat4 clip_from_eye;
uniform vec3 around_lux;
uniform float level;   // height of the water relative to the eye
layout(location = 0) out vec4 out_seen;    // radiance, 1
layout(location = 1) out float out_z;       // planar z by way of the mirror

void main() {
    vec4 h = clip_from_eye * vec4(point, 1.0);
    vec2 uv = h.xy / h.w * 0.5 + 0.5;
    int node = int(mark) - 1;
    vec4 extra = node_texel(node, 0);
    vec4 kind = node_texel(node, 1);
    vec3 emission = extra.rgb * kind.z;   // 0 where a lamp's own reflection stands for it
    // What looks down sees the less of the surroundings the lower it hangs.
    float shut = max(-normal.z, 0.0) * (1.0 - clamp(point.z - level, 0.0, 1.0));
    vec3 light = base * base * around_lux * (0.3183 * (0.75 + 0.25 * normal.z) * (1.0 - shut));
    if (h.w > 0.0 && all(greaterThan(uv, vec2(0.0))) && all(lessThan(uv, vec2(1.0)))) {
        ivec2 cell = ivec2(uv * vec2(textureSize(g_depth, 0)) * 0.5);
        float z = texelFetch(g_depth, cell * 2, 0).r;
        // Sheeting sends light back to the lamp, and not into the mirror.
        if (abs(z - h.w) < 0.02 * h.w + 0.1 && kind.y == 0.0) {
            vec3 albedo = texelFetch(g_albedo, cell * 2, 0).rgb;
            vec4 own = texelFetch(gloss, cell, 0);
            light = diffused(albedo * albedo, extra.a, texelFetch(diffuse, cell, 0).rgb, own.a) + own.rgb;
        }
    }
    out_seen = vec4(min(light + emission, vec3(65000.0)), 1.0);
    out_z = 1.0 / gl_FragCoord.w;
}
