// Adds what the film of water shows to the gloss.
#include "pixel.glsl"
#include "water.glsl"
uniform sampler2D diffuse;   // alpha is the share under a film, see water_at
uniform sampler2D film;
uniform float cells;         // of the film along one of these
layout(location = 0) out vec4 out_gloss;

void main() {
    ivec2 cell = ivec2(gl_FragCoord.xy);
    ivec2 pixel = min(cell * 2, textureSize(g_depth, 0) - 1);
    float covered = texelFetch(diffuse, cell, 0).a;
    vec3 ray = ray_at(vec2(pixel) + 0.5);
    float nv = clamp(-dot(normal_at(pixel), ray) * inversesqrt(dot(ray, ray)), 0.02, 1.0);
    float roughness = wet_roughness(covered);
    float m = 1.0 - nv;
    // A rough film reflects less at grazing angles than a mirror: facets shade each other.
    float f = 0.02 + (1.0 - roughness - 0.02) * m * m * m * m * m;
    vec4 seen = texture(film, (vec2(cell) * cells + 0.5) / vec2(textureSize(film, 0)));
    out_gloss = vec4(min(abs(covered) * f / max(seen.a, 0.01) * seen.rgb, vec3(65000.0)), 0.0);
}
