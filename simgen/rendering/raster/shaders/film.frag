// What the film of water shows, at half resolution: rough water spreads a reflection along the plane of incidence,
// which stands upright in the picture.
#include "pixel.glsl"
#include "sky.glsl"
#include "water.glsl"
uniform sampler2D radiance;   // alpha is the share under water
uniform sampler2D mirror;    // with mipmaps
uniform sampler2D mirror_z;
layout(location = 0) out vec4 out_seen;
const int REACH = 4;

void main() {
    ivec2 cell = ivec2(gl_FragCoord.xy);
    ivec2 half_size = textureSize(mirror, 0);
    ivec2 size = textureSize(g_place, 0);
    ivec2 pixel = min(cell * 2, size - 1);
    float film = texelFetch(radiance, pixel, 0).a;
    out_seen = vec4(0.0);
    if (film > 0.004) {
        float z = texelFetch(g_place, pixel, 0).x;
        vec3 ray = ray_at(vec2(pixel) + 0.5);
        vec3 n = normal_at(pixel);
        vec3 v = -normalize(ray);
        vec3 d = reflect(-v, n);
        float roughness = wet_roughness(film);
        vec3 open = surroundings(d, roughness * 0.6);
        float beyond = texelFetch(mirror_z, cell, 0).r;
        float share = beyond > 0.0 ? clamp((beyond - z) / beyond, 0.0, 1.0) : 0.9;
        // Tilting a facet by a turns the reflected ray by 2 a; half-resolution pixels.
        float spread = max(roughness * roughness * (0.15 + share) / pinhole.y * 0.7, 0.5);
        float lod = clamp(log2(0.6 * spread), 0.0, 4.0);
        vec4 sum = vec4(0.0);
        float total = 0.0;
        for (int k = -REACH; k <= REACH; ++k) {
            vec2 at = (vec2(cell) + vec2(0.5, 0.5 + float(k) * spread * 0.5)) / vec2(half_size);
            float w = exp(-0.11 * float(k * k));
            sum += w * textureLod(mirror, at, lod);
            total += w;
        }
        sum /= total;
        out_seen = vec4(sum.rgb + (1.0 - sum.a) * open, 1.0);
    }
}
