uniform float wetness;   // 0 dry, 0.3 damp, 1 a film
uniform vec3 eye;        // world position of the eye

float hash(ivec2 p) {
    uint h = uint(p.x) * 0x8da6b343u + uint(p.y) * 0xd8163841u;
    h ^= h >> 13;
    h *= 0x5bd1e995u;
    h ^= h >> 15;
    return float(h & 0xffffu) / 65535.0;
}

float value_noise(vec2 p) {
    vec2 f = fract(p);
    ivec2 i = ivec2(floor(p));
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + ivec2(1, 0)), f.x), mix(hash(i + ivec2(0, 1)), hash(i + ivec2(1, 1)), f.x), f.y);
}

// (damp: share of the darkening, film: share of the surface under a closed film of water)
vec2 water_at(vec3 p, vec3 n, float wettable) {
    float level = wettable * smoothstep(0.6, 0.9, n.z);
    float damp = clamp(wetness / 0.3, 0.0, 1.0) * wettable * smoothstep(-0.2, 0.5, n.z);
    vec2 q = p.xy + eye.xy;
    float lie = 0.65 * value_noise(q * 0.4) + 0.35 * value_noise(q * 1.7);
    float amount = clamp((wetness - 0.15) / 0.85, 0.0, 1.0);
    float film = level * smoothstep(0.75 - amount, 1.1 - amount, lie);
    return vec2(damp, film);
}

// Roughness of the wet surface: aggregate that stands out of a thin film spreads the reflection.
float wet_roughness(float film) { return mix(0.45, 0.17, film); }

float fresnel_water(float cosine) {
    float m = 1.0 - cosine;
    return 0.02 + 0.98 * m * m * m * m * m;
}
