// Adds the film's reflection to the light of the surface.
#include "pixel.glsl"
#include "water.glsl"
uniform sampler2D radiance;
uniform sampler2D film;
layout(location = 0) out vec4 out_radiance;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 own = texelFetch(radiance, pixel, 0);
    out_radiance = own;
    if (own.a > 0.004) {
        vec3 n = normal_at(pixel);
        vec3 ray = ray_at(gl_FragCoord.xy);
        float nv = clamp(-dot(n, ray) * inversesqrt(dot(ray, ray)), 0.02, 1.0);
        float roughness = wet_roughness(own.a);
        float m = 1.0 - nv;
        // A rough film reflects less at grazing angles than a mirror: facets shade each other.
        float f = 0.02 + (1.0 - roughness - 0.02) * m * m * m * m * m;
        vec4 seen = texture(film, (gl_FragCoord.xy * 0.5 + 0.25) / vec2(textureSize(film, 0)));
        vec3 light = seen.a > 0.01 ? seen.rgb / seen.a : vec3(0.0);
        out_radiance = vec4(min(own.rgb + own.a * f * light, vec3(65000.0)), own.a);
    }
}
