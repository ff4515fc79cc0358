// Light on surfaces. Variants: SUN, LAMPS, WATER, SNOW.
#include "node.glsl"
#include "pixel.glsl"
#include "sky.glsl"
#if defined(WATER) || defined(SNOW)
#include "water.glsl"
#endif
#ifdef SNOW
#include "snow.glsl"
#endif
const float PI = 3.14159265;
uniform sampler2D occlusion;
layout(location = 0) out vec4 out_radiance;

flat in ivec2 span;
uniform sampler2D lists;              // 1024 entries a row: index of a lamp

#ifdef SUN
uniform sampler2DShadow sun_shadow;
uniform mat3 sun_basis;           // right, up and away from the sun as rows
uniform vec3 sun_scale[3];        // atlas coordinates of each cascade: scale * (basis * p) + offset
uniform vec3 sun_offset[3];
uniform vec3 sun_far;             // planar z at which each cascade ends
uniform vec3 sun_texel;           // size of a texel in metres
uniform vec2 sun_atlas;           // one over the atlas's size

float sun_light(vec3 p, vec3 n, float z, float facing) {
    bool first = z < sun_far.x;
    bool second = z < sun_far.y;
    float texel = first ? sun_texel.x : (second ? sun_texel.y : sun_texel.z);
    vec3 scale = first ? sun_scale[0] : (second ? sun_scale[1] : sun_scale[2]);
    vec3 offset = first ? sun_offset[0] : (second ? sun_offset[1] : sun_offset[2]);
    vec3 s = sun_basis * (p + n * (texel * (2.2 - 1.6 * facing * facing))) * scale + offset;
    vec2 o = sun_atlas * 0.7;
    float lit = 0.5 * (texture(sun_shadow, s + vec3(-o.x, -o.y, 0.0)) + texture(sun_shadow, s + vec3(o.x, o.y, 0.0)));
    return z > sun_far.z ? 1.0 : lit;
}
#endif

#ifdef LAMPS
const int MAX_LAMPS = 24;
uniform sampler2DShadow lamp_shadow;
uniform vec4 lamp_place[MAX_LAMPS];   // position relative to the eye, slot of the shadow or -1
uniform vec4 lamp_axis[MAX_LAMPS];    // direction, cosine of the outer angle
uniform vec4 lamp_power[MAX_LAMPS];   // candela, 1 / (cos inner - cos outer)
uniform vec4 lamp_right[MAX_LAMPS];   // right of the shadow map, 1 / tangent of its half angle
uniform vec2 lamp_depth;              // window depth of the shadow maps: x + y / distance along the axis
uniform float lamp_size;              // texels across
uniform float threshold;

float lamp_light(float slot, vec3 to, vec3 n, float d, float facing, vec3 axis, vec4 right) {
    // Moved off the surface by some texels, against shadows of a surface on itself.
    vec3 q = n * (2.0 * d / (right.w * lamp_size) * (2.8 - 2.0 * facing)) - to;
    float z = dot(q, axis);
    vec2 s = vec2(dot(q, right.xyz), dot(q, cross(right.xyz, axis))) * (right.w / z);
    if (z <= 0.0 || max(abs(s.x), abs(s.y)) > 0.994) return 1.0;
    vec2 cell = vec2(slot < 2.5 ? slot : slot - 3.0, slot < 2.5 ? 0.0 : 1.0);   // three columns, two rows
    vec2 uv = (s * 0.5 + 0.5 + cell) / vec2(3.0, 2.0);
    return texture(lamp_shadow, vec3(uv, lamp_depth.x + lamp_depth.y / z));
}
#endif

// Specular BRDF without the Fresnel term: GGX with Smith's correlated visibility (Heitz 2014), times nl.
float ggx(float nh, float nv, float nl, float roughness) {
    float a = max(roughness * roughness, 0.004);
    float a2 = a * a;
    float d = nh * nh * (a2 - 1.0) + 1.0;
    float v = nl * (nv * (1.0 - a) + a) + nv * (nl * (1.0 - a) + a);
    return a2 / (PI * d * d) * 0.5 / max(v, 1e-5) * nl;
}

vec3 schlick(vec3 f0, float c) {
    float m = 1.0 - c;
    float m2 = m * m;
    return f0 + (1.0 - f0) * (m2 * m2 * m);
}

// Split-sum approximation of the environment BRDF (Karis 2014, mobile form).
vec3 environment_brdf(vec3 f0, float roughness, float nv) {
    vec4 r = roughness * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
    float a = min(r.x * r.x, exp2(-9.28 * nv)) * r.x + r.y;
    vec2 ab = vec2(-1.04, 1.04) * a + r.zw;
    return f0 * ab.x + ab.y;
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec2 place = texelFetch(g_place, pixel, 0).xy;
    vec3 ray = ray_at(gl_FragCoord.xy);
    int node = int(place.y) - 1;
    vec4 surface = texelFetch(g_albedo, pixel, 0);
    vec4 extra = node_texel(node, 0);      // emission, metallic
    vec3 p = ray * place.x;
    vec3 v = -ray * inversesqrt(dot(ray, ray));
    vec3 n = normal_at(pixel);
    float nv = max(dot(n, v), 0.02);
    vec3 albedo = surface.rgb * surface.rgb;
    float roughness = max(surface.a, 0.06);
    vec3 f0 = mix(vec3(0.04), albedo, extra.a);
    vec3 diffuse = albedo * ((1.0 - extra.a) / PI);
    float film = 0.0;
    float open = texture(occlusion, gl_FragCoord.xy / vec2(textureSize(g_place, 0))).r;
#if defined(WATER) || defined(LAMPS) || defined(SNOW)
    vec4 kind = node_texel(node, 1);       // wettable, retroreflectance
#endif
#ifdef WATER
    if (kind.x > 0.0) {
        vec2 water = water_at(p, n, kind.x);
        // Lekner & Dorf (1988): light caught under the film by total internal reflection.
        vec3 a = diffuse * PI;
        diffuse = mix(diffuse, (1.0 - 0.066) * (1.0 - 0.47) * diffuse / (1.0 - 0.47 * a), water.x);
        film = water.y;
        roughness = mix(roughness, wet_roughness(film), water.x);
        f0 = mix(f0, vec3(0.02), water.x);
        diffuse *= 1.0 - film * fresnel_water(nv);
    }
#endif
#ifdef SNOW
    if (kind.a > 0.0 && n.z > 0.4) {
        vec2 q = p.xy + eye.xy;
        vec2 lies = snow_at(q, n.z, kind.a, open);
        if (lies.x > 0.0) {
            // Fresh snow, and what wheels have made of it.
            float soiled = lies.y * (0.35 + 0.4 * value_noise(q * vec2(0.8, 0.8) + 5.0));
            vec3 white = mix(vec3(0.86, 0.87, 0.89), vec3(0.38, 0.36, 0.34), soiled);
            diffuse = mix(diffuse, white * (0.92 + 0.08 * value_noise(q * 13.0)) / PI, lies.x);
            roughness = mix(roughness, 0.85, lies.x);
            f0 = mix(f0, vec3(0.02), lies.x);
            film *= 1.0 - lies.x;
            float x = value_noise(q * 3.1) - value_noise(q * 3.1 + vec2(0.4, 0.0));
            float y = value_noise(q * 3.1) - value_noise(q * 3.1 + vec2(0.0, 0.4));
            n = normalize(n + vec3(x, y, 0.0) * (0.22 * lies.x / (1.0 + 0.05 * place.x)));
            nv = max(dot(n, v), 0.02);
        }
    }
#endif

    vec3 radiance = extra.rgb;
    radiance += diffuse * irradiance(n) * open;
    vec3 mirrored = reflect(-v, n);
    // The film's own reflection of the surroundings is added by the water pass.
    radiance += (1.0 - film) * (0.7 * open + 0.3) * environment_brdf(f0, roughness, nv) *
                surroundings(mirrored, roughness);

#ifdef SUN
    float nl = dot(n, sun_direction);
    if (nl > 0.0) {
        float lit = sun_light(p, n, place.x, nl);
        if (lit > 0.0) {
            vec3 h = normalize(v + sun_direction);
            vec3 f = schlick(f0, max(dot(v, h), 0.0));
            vec3 brdf = diffuse * nl + f * ggx(max(dot(n, h), 0.0), nv, nl, roughness);
            radiance += lit * sun_lux * brdf;
        }
    }
#endif
#ifdef LAMPS
    for (int k = span.x; k < span.x + span.y; ++k) {
        int i = int(texelFetch(lists, ivec2(k & 1023, k >> 10), 0).r);
        vec4 power = lamp_power[i];
        vec4 axis = lamp_axis[i];
        vec4 from = lamp_place[i];
        vec3 to = from.xyz - p;
        float d2 = max(dot(to, to), 0.01);
        float d = sqrt(d2);
        vec3 l = to / d;
        float cone = (dot(-l, axis.xyz) - axis.w) * power.w;
        float nl = dot(n, l);
        if (cone > 0.0 && nl > 0.0) {
            cone = min(cone, 1.0);
            vec3 flux = power.rgb * (cone * cone * (3.0 - 2.0 * cone) / d2);
            float strength = dot(flux, vec3(0.2126, 0.7152, 0.0722));
            if (strength > threshold) {
                flux *= 1.0 - threshold / strength;
                if (from.w >= 0.0) flux *= lamp_light(from.w, to, n, d, nl, axis.xyz, lamp_right[i]);
                vec3 h = normalize(v + l);
                vec3 brdf = diffuse * nl + schlick(f0, max(dot(v, h), 0.0)) * ggx(max(dot(n, h), 0.0), nv, nl, roughness);
                // Sheeting sends its share back into a cone of some two degrees: 250 cd/lx/m2 for all of it.
                vec3 across = cross(v, l);
                float away = 1.0 + dot(across, across) / (0.035 * 0.035);
                float back = dot(v, l) > 0.0 ? kind.y * 250.0 / (away * away) * min(4.0 * nl, 1.0) : 0.0;
                brdf += back * albedo / max(max(albedo.r, albedo.g), max(albedo.b, 0.01));
                radiance += flux * brdf;
            }
        }
    }
#endif
    out_radiance = vec4(min(radiance, vec3(65000.0)), film);
}
