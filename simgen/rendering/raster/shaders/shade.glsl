// Radiance of a surface from its light. Lekner & Dorf (1988): of the light in a wet surface a part is caught under
// the film by total internal reflection.
vec3 diffused(vec3 albedo, float metallic, vec3 light, float damp) {
    vec3 own = albedo * (1.0 - metallic);
    vec3 wet = (1.0 - 0.066) * (1.0 - 0.47) * own / (1.0 - 0.47 * own);
    return mix(own, wet, damp) * light;
}
