uniform vec3 sun_direction;
uniform vec3 sun_lux;
uniform vec3 ground;
uniform vec3 harmonics[9];        // irradiance by the normal, see skylight.py
uniform sampler2D around;         // sky and fronts over the upper hemisphere, with mipmaps

// Coordinates of a direction of the upper hemisphere: the zenith in the middle, the horizon along the edge.
vec2 octahedral(vec3 d) {
    vec2 p = d.xy / (abs(d.x) + abs(d.y) + max(d.z, 0.0));
    return vec2(p.x + p.y, p.x - p.y) * 0.5 + 0.5;
}

vec3 irradiance(vec3 n) {
    vec3 e = harmonics[0] + harmonics[1] * n.y + harmonics[2] * n.z + harmonics[3] * n.x +
             harmonics[4] * (n.x * n.y) + harmonics[5] * (n.y * n.z) + harmonics[6] * (3.0 * n.z * n.z - 1.0) +
             harmonics[7] * (n.x * n.z) + harmonics[8] * (n.x * n.x - n.y * n.y);
    return max(e, vec3(0.0));
}

// Sky, fronts or ground along a direction, blurred over the lobe of a surface of this roughness.
vec3 surroundings(vec3 d, float roughness) {
    float width = 0.02 + 0.6 * roughness * roughness;
    vec3 above = textureLod(around, octahedral(d), 5.0 * roughness).rgb;
    return mix(ground, above, smoothstep(-width, width, d.z));
}
