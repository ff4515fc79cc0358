// Where nothing was drawn: the sky, in the variant SUN the sun's disc, and in the variant LAND open land out to a horizon of
// wooded rises.
#include "pixel.glsl"
#include "sky.glsl"
#include "noise.glsl"
uniform sampler2D sky;      // alpha: what passes the clouds; negative without a sky
uniform float pixel_angle;  // of one in the middle, radians
uniform vec3 eye;
uniform float snow;
layout(location = 0) out vec4 out_radiance;
const float CLEAR = 1.5e-4;   // extinction of clear air per metre: 2.996 / 20 km (Koschmieder 1924)
const float NEAR = 1200.0;    // of the nearer woods, which hide the land beyond, metres

// Height of the skyline over a rise at this azimuth, as a tangent.
float rise(vec2 way, float pitch, float offset) {
    return 0.6 * value_noise(way * pitch + offset) + 0.3 * value_noise(way * pitch * 3.7 + offset) +
           0.1 * value_noise(way * pitch * 19.0 + offset);
}

vec3 through_air(vec3 light, vec3 horizon, float metres) { return mix(horizon, light, exp(-CLEAR * metres)); }

void main() {
    vec3 d = normalize(ray_at(gl_FragCoord.xy));
    vec4 above = textureLod(sky, octahedral(d), 0.0);
    vec3 l = d.z >= 0.0 ? above.rgb : ground;
    float passes = above.a >= 0.0 ? above.a : 1.0;
#ifdef LAND
    if (above.a >= 0.0) {
        vec2 way = normalize(d.xy);
        vec3 horizon = textureLod(sky, octahedral(vec3(way, 0.02)), 0.0).rgb;
        // Meadows and woods are greener and darker than the mean of all grounds.
        vec3 meadow = ground * mix(vec3(0.72, 0.86, 0.40), vec3(1.0), snow);
        vec3 wood = ground * mix(vec3(0.30, 0.38, 0.20), vec3(0.55), snow);
        float far = 0.003 + 0.016 * rise(way, 5.0, 3.0);
        float near = 0.0015 + 0.011 * rise(way, 9.0, 11.0);
        vec3 land = l;
        if (d.z < 0.0) {
            land = through_air(meadow, horizon, min(max(eye.z, 0.5) / -d.z, NEAR));
        } else {
            land = mix(land, through_air(wood, horizon, 9000.0), clamp((far - d.z) / pinhole.y + 0.5, 0.0, 1.0));
            land = mix(land, through_air(wood, horizon, NEAR), clamp((near - d.z) / pinhole.y + 0.5, 0.0, 1.0));
        }
        l = land;
        passes *= step(far, d.z);
    }
#endif
#ifdef SUN
    float away = 2.0 * asin(clamp(0.5 * length(d - sun_direction), 0.0, 1.0));
    // Scattered forward by haze: a few per cent of the direct light over some degrees.
    l += sun_lux * (0.30 * exp(-away / 0.035) * passes + 0.04 * exp(-away / 0.2)) * step(-0.02, d.z);
    float disc = clamp((0.00465 - away) / pixel_angle + 0.5, 0.0, 1.0);
    l += disc * passes * sun_lux / 6.79e-5;
#endif
    out_radiance = vec4(clamp(l, 0.0, 65000.0), 0.0);
}
