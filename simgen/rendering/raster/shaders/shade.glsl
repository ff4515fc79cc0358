// Radiance of a surface from its light. Of the light in a wet one a part is caught under the film.
vec3 diffused(vec3 albedo, float metallic, vec3 light, float damp) {
    vec3 own = albedo * (1.0 - metallic);
    vec3 wet = (1.0 - FILM_REFLECTS) * (1.0 - FILM_CATCHES) * own / (1.0 - FILM_CATCHES * own);
    return mix(own, wet, damp) * light;
}
