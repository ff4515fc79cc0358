uniform float snow;       // share of the ground under it

// (cover: share of the surface under snow, trodden: share of that which wheels have packed and soiled)
vec2 snow_at(vec2 q, float up, float holds, float open) {
    float lie = 0.6 * value_noise(q * 0.45) + 0.25 * value_noise(q * 1.9) + 0.15 * value_noise(q * 7.0);
    float trodden = abs(holds - SNOW_TRODDEN) < 0.05 ? 1.0 : 0.0;
    float amount = snow * mix(1.0, 0.8, trodden);
    float cover = smoothstep(0.85 - amount, 1.1 - amount, lie) * min(amount * 4.0, 1.0);
    // Thinner on slopes; none where nothing falls from above.
    float level = smoothstep(0.55, 0.85, up + 0.1 * (lie - 0.5));
    float thin = holds < SNOW_MOVING + 0.05 ? smoothstep(0.85, 0.98, up) * holds * 1.5 : 1.0;
    return vec2(cover * level * thin * smoothstep(0.2, 0.5, open), trodden);
}
