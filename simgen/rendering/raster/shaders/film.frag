// What a film of water shows, at the mirror's resolution: rough water spreads a reflection along the plane of incidence,
// which stands upright in the picture. Variant: ENCLOSED.
#include "pixel.glsl"
#include "sky.glsl"
#include "water.glsl"
#ifdef ENCLOSED
#include "enclosed.glsl"
#endif
uniform sampler2D diffuse;   // alpha is the share under a film, see water_at
uniform sampler2D mirror;    // with mipmaps
uniform sampler2D mirror_z;
uniform int mirror_step;     // pixels of the image along one of the mirror
layout(location = 0) out vec4 out_seen;
#ifdef ENCLOSED
uniform float level;         // of the mirror, relative to the eye
#endif
const int REACH = 4;

void main() {
    ivec2 cell = ivec2(gl_FragCoord.xy);
    ivec2 pixel = min(cell * mirror_step, textureSize(g_depth, 0) - 1);
    float covered = texelFetch(diffuse, pixel / 2, 0).a;
    out_seen = vec4(0.0);
    if (abs(covered) > 0.004) {
        float z = texelFetch(g_depth, pixel, 0).r;
        vec3 ray = ray_at(vec2(pixel) + 0.5);
        float roughness = wet_roughness(covered);
        vec3 n = normal_at(pixel);
        vec3 d = reflect(normalize(ray), n);
#ifdef ENCLOSED
        int within = enclosure_of(ray * z + 0.05 * n);
        vec3 open = surroundings_within(ray * z, d, roughness * 0.6, within);
#else
        vec3 open = surroundings(d, roughness * 0.6);
#endif
        float beyond = texelFetch(mirror_z, cell, 0).r;
        float share = beyond > 0.0 ? clamp((beyond - z) / beyond, 0.0, 1.0) : 0.9;
        // Tilting a facet by a turns the reflected ray by 2 a.
        float spread = max(roughness * roughness * (0.15 + share) / pinhole.y * (1.4 / float(mirror_step)), 0.5);
        float lod = clamp(log2(0.6 * spread), 0.0, 4.0);
        vec2 size = vec2(textureSize(mirror, 0)), at = (vec2(cell) + 0.5) / size;
        vec4 sum = vec4(0.0);
        float total = 0.0;
        for (int k = -REACH; k <= REACH; ++k) {
            float w = exp(-0.11 * float(k * k));
            sum += w * textureLod(mirror, at + vec2(0.0, float(k) * spread * 0.5 / size.y), lod);
            total += w;
        }
        sum /= total;
#ifdef ENCLOSED
        // Water above the mirror's level would find there what lies behind the walls.
        if (within >= 0 && ray.z * z > level + 0.05) sum = vec4(0.0);
#endif
        out_seen = vec4(min(sum.rgb + (1.0 - sum.a) * open, vec3(65000.0)), 1.0);
    }
}
