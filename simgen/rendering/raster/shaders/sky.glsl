uniform vec3 sun_direction;
uniform vec3 sun_lux;
uniform vec3 zenith;
uniform vec3 horizon;
uniform vec3 ground;
uniform vec3 sky_lux;

vec3 sky_above(vec3 d) { return mix(horizon, zenith, sqrt(clamp(d.z, 0.0, 1.0))); }

// Sky or ground along a direction, blurred over the lobe of a surface of this roughness.
vec3 surroundings(vec3 d, float roughness) {
    float width = 0.02 + 0.6 * roughness * roughness;
    return mix(ground, sky_above(d), smoothstep(-width, width, d.z));
}
