uniform float wetness;   // 0 dry, 0.3 damp, 1 a film
uniform float deep_mm;   // of the water
uniform float ice;       // share of the ground under clear ice
uniform vec3 eye;        // world position of the eye

#include "noise.glsl"

// (damp: share of the darkening, film: share of the surface under a closed film; negative where it is the surface's own)
vec2 water_at(vec3 p, vec3 n, float wettable) {
    float level = min(wettable, 1.0) * smoothstep(0.6, 0.9, n.z);
    if (wettable > 1.0) return vec2(0.0, -level);
    float damp = clamp(wetness / 0.3, 0.0, 1.0) * wettable * smoothstep(-0.2, 0.5, n.z);
    vec2 q = p.xy + eye.xy;
    float lie = 0.65 * value_noise(q * 0.4) + 0.35 * value_noise(q * 1.7);
    float amount = clamp((wetness - 0.15) / 0.85, 0.0, 1.0);
    float film = amount > 0.0 ? smoothstep(0.75 - amount, 1.1 - amount, lie) : 0.0;
    if (ice > 0.0) {
        float glaze = smoothstep(0.8 - ice, 1.0 - ice, 0.7 * value_noise(q * 0.23 + 31.0) + 0.3 * lie);
        damp = max(damp, glaze * level);
        film = max(film, glaze);
    }
    return vec2(damp, film * level);
}

// Roughness of the wet surface: aggregate that stands out of a thin film spreads the reflection; one of its own lies smooth.
float wet_roughness(float film) {
    return film < 0.0 ? 0.05 : mix(0.45, mix(0.17, 0.09, clamp(0.3 * deep_mm - 0.4, 0.0, 1.0)), film);
}

float fresnel_water(float cosine) {
    float m = 1.0 - cosine;
    return 0.02 + 0.98 * m * m * m * m * m;
}
