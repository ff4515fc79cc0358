// Light on surfaces, at half resolution: what is diffused, to be multiplied by the albedo of each pixel, and what
// is not. Variants: SUN, LAMPS with COUNT, CUTOFF and RETROREFLECTION, WATER, SNOW, ENCLOSED.
#include "node.glsl"
#include "pixel.glsl"
#include "sky.glsl"
#ifdef ENCLOSED
#define BODIES
#include "enclosed.glsl"
#endif
#if defined(WATER) || defined(SNOW)
#include "water.glsl"
#endif
#ifdef SNOW
#include "snow.glsl"
#endif
const float PI = 3.14159265;
uniform sampler2D occlusion;
uniform sampler2D open_raw;            // what it was smoothed from: share, planar z
uniform sampler2D g_node;             // node + 1, 0 where there is sky
layout(location = 0) out vec4 out_diffuse;   // radiance over albedo; share under a film, see water_at
layout(location = 1) out vec4 out_gloss;     // radiance; share of the wet surface's darkening

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
    // Four bilinear samples on a turned square, 2.5 texels across: about the sun's own half shadow of a house
    vec2 o = sun_atlas * 0.5, q = sun_atlas * 1.25;
    float lit = 0.25 * (texture(sun_shadow, s + vec3(o.x, q.y, 0.0)) + texture(sun_shadow, s + vec3(-q.x, o.y, 0.0)) +
                        texture(sun_shadow, s + vec3(-o.x, -q.y, 0.0)) + texture(sun_shadow, s + vec3(q.x, -o.y, 0.0)));
    return z > sun_far.z ? 1.0 : lit;
}
#endif

#ifdef LAMPS
// Seven vectors per lamp, see lamp.glsl: the first lamps of a square come along with it, as constants that a processor
// loads once; what is left is looked up.
#include "lamp.glsl"
#if COUNT > 0
flat in vec4 near_lamps[LAMP_VECTORS * COUNT];
#endif
uniform sampler2D lamp_shadow;
uniform vec2 lamp_depth;              // window depth of the shadow maps: x + y / distance along the axis
uniform float lamp_size;              // texels across
uniform float lamp_columns;           // maps in a row
uniform vec2 lamp_atlas;              // one over the atlas's size
uniform float threshold;
float faint;   // the threshold at this point

float lamp_light(float slot, vec3 p, vec3 n, float d, float facing, vec3 middle, vec3 axis, vec4 right, vec3 up) {
    // Moved off the surface by some texels, against shadows of a surface on itself.
    vec3 q = p + n * (2.0 * d / (right.w * lamp_size) * (2.8 - 2.0 * facing)) - middle;
    float z = dot(q, axis);
    vec2 s = vec2(dot(q, right.xyz), dot(q, up)) * (right.w / z);
    if (z <= 0.0 || max(abs(s.x), abs(s.y)) > 0.994) return 1.0;
    float row = floor((slot + 0.5) / lamp_columns);
    vec2 corner = vec2(slot - row * lamp_columns, row) * lamp_size;
    // Bilinear percentage-closer filtering in whole texels, so that it is the same in whichever square the map lies.
    vec2 t = (s * 0.5 + 0.5) * lamp_size - 0.5;
    vec2 cell = floor(t);
    vec2 f = t - cell;
    vec4 depth = textureGather(lamp_shadow, (corner + cell + 1.0) * lamp_atlas);   // where four texels meet
    vec4 lit = step(vec4(min(lamp_depth.x + lamp_depth.y / z, 1.0)), depth);   // beyond the map all is lit
    return mix(mix(lit.w, lit.z, f.x), mix(lit.x, lit.y, f.x), f.y);
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

#ifdef LAMPS
struct Surface {
    vec3 p, v, n;
    float nv;
    vec3 f0;
    float roughness;
    vec3 tint;
    float retroreflectance;
};

#ifdef CUTOFF
// Right and up of a beam along its shadow map's, which is turned (shadows.py); light comes the other way.
const mat2 TURNED_BACK = mat2(-2.0, -1.0, 1.0, -2.0) / sqrt(5.0);
#endif

void shine(Surface here, vec4 from, vec4 axis, vec4 power, vec4 right, vec4 up, vec4 middle, vec4 forward,
           inout vec3 diffuse, inout vec3 gloss) {
    vec3 to = from.xyz - here.p;
    float d2 = max(dot(to, to), 0.01);
    float d = sqrt(d2);
    vec3 l = to / d;
    float cone = clamp((dot(-l, axis.xyz) - axis.w) * power.w, 0.0, 1.0);
    float within = cone * cone * (3.0 - 2.0 * cone);
#ifdef CUTOFF
    float fading = cone;
    for (int i = 0; i < BEAM_FADE_SQUARED; ++i) fading *= fading;
    if (up.w > 0.0) within = fading;   // a dipped beam, see scene/beams.py
#endif
    float share = mix(within, 1.0, forward.w);
    float nl = dot(here.n, l);
    if (share <= 0.0 || nl <= 0.0) return;
    vec3 flux = power.rgb * (share / d2);
#ifdef CUTOFF
    // Above the dark edge of a dipped beam little is left; on the kerb's side the edge rises (scene/beams.py).
    vec2 off = TURNED_BACK * vec2(dot(l, right.xyz), dot(l, up.xyz));
    float above = off.y - middle.w - max(BEAM_KERB_SLOPE * off.x, 0.0);
    flux *= 1.0 - up.w * smoothstep(BEAM_EDGE_FROM, BEAM_EDGE_TO, above);
#endif
    float strength = dot(flux, vec3(0.2126, 0.7152, 0.0722));
    if (strength <= faint) return;
    flux *= 1.0 - faint / strength;
    if (from.w >= 0.0)
        flux *= lamp_light(from.w, here.p, here.n, d, nl, middle.xyz, forward.xyz, right, up.xyz);
    vec3 h = normalize(here.v + l);
    diffuse += flux * nl;
    gloss += flux * schlick(here.f0, max(dot(here.v, h), 0.0)) * ggx(max(dot(here.n, h), 0.0), here.nv, nl, here.roughness);
#ifdef RETROREFLECTION
    // Sheeting sends its share back into a cone of some two degrees: 250 cd/lx/m2 for all of it.
    vec3 across = cross(here.v, l);
    float away = 1.0 + dot(across, across) / (0.035 * 0.035);
    float back = dot(here.v, l) > 0.0 ? here.retroreflectance * 250.0 / (away * away) * min(4.0 * nl, 1.0) : 0.0;
    gloss += back * flux * here.tint;
#endif
}
#endif

// Share of the sky that is open, between the four places around a pixel at which it was asked, but for those that lie off
// the pixel's plane: they show something else.
float open_at(ivec2 pixel, vec3 p, vec3 n) {
    vec2 size = vec2(textureSize(occlusion, 0));
    vec2 at = (vec2(pixel) - 1.0) * 0.25;
    vec2 first = floor(at), f = at - first;
    vec2 corner = (first + 1.0) / size;
    vec4 open = textureGather(occlusion, corner);   // (0, 1), (1, 1), (1, 0), (0, 0)
    vec4 z = textureGather(open_raw, corner, 1);
    vec4 share = vec4((1.0 - f.x) * f.y, f.x * f.y, f.x * (1.0 - f.y), (1.0 - f.x) * (1.0 - f.y));
    vec2 steps = vec2(dot(n, world_from_camera[0]), dot(n, world_from_camera[1])) * pinhole.xy;
    vec2 low = steps * (4.0 * first + 1.0 - vec2(pixel)), high = low + 4.0 * steps;
    vec4 along = dot(n, ray_at(vec2(pixel) + 0.5)) + vec4(low.x + high.y, high.x + high.y, high.x + low.y, low.x + low.y);
    vec4 off = abs(z * along - dot(n, p));
    float reach = 0.05 + 0.005 * length(p);
    vec4 on = share * vec4(lessThan(off, vec4(reach)));
    float total = dot(on, vec4(1.0));
    return total > 0.01 ? dot(on, open) / total : dot(share, open);
}

void main() {
    ivec2 size = textureSize(g_depth, 0);
    ivec2 first = min(ivec2(gl_FragCoord.xy) * 2, size - 1);
    // The cell's first pixel, or where that shows the sky the next one that does not: a pole may be one pixel wide.
    vec4 marks = textureGather(g_node, (vec2(first) + 1.0) / vec2(size));   // (0, 1), (1, 1), (1, 0), (0, 0)
    ivec2 step_px = marks.w > 0.0 ? ivec2(0) : marks.z > 0.0 ? ivec2(1, 0) : marks.x > 0.0 ? ivec2(0, 1) : ivec2(1);
    ivec2 pixel = min(first + step_px, size - 1);
    out_diffuse = out_gloss = vec4(0.0);
    float mark = texelFetch(g_node, pixel, 0).r;
    if (mark == 0.0) return;
    float z = texelFetch(g_depth, pixel, 0).r;
    vec3 ray = ray_at(vec2(pixel) + 0.5);
    int node = int(mark) - 1;
    vec4 surface = texelFetch(g_albedo, pixel, 0);
    float metallic = node_texel(node, 0).a;
    vec3 p = ray * z;
    vec3 v = -ray * inversesqrt(dot(ray, ray));
    vec3 n = normal_at(pixel);
    float nv = max(dot(n, v), 0.02);
    vec3 albedo = surface.rgb * surface.rgb;
    float roughness = max(surface.a, 0.06);
    vec3 f0 = mix(vec3(0.04), albedo, metallic);
    float film = 0.0, damp = 0.0, dry = 1.0;
    float open = open_at(pixel, p, n);
#ifdef ENCLOSED
    int within = enclosure_of(p + 0.05 * n);   // off the wall that the point lies on
    vec4 around_here = irradiance_within(p, n, within);
    float falls = open * around_here.a;        // share of the sky that snow comes from
#else
#define falls open
#endif
#if defined(WATER) || defined(LAMPS) || defined(SNOW)
    vec4 kind = node_texel(node, 1);       // wettable, retroreflectance
#endif
#ifdef WATER
    if (kind.x > 0.0) {
        vec2 water = water_at(p, n, kind.x);
        damp = water.x;
        film = water.y;
        roughness = mix(roughness, wet_roughness(film), damp);
        f0 = mix(f0, vec3(0.02), damp);
        dry = 1.0 - abs(film) * fresnel_water(nv);
    }
#endif
#ifdef SNOW
    float cover = 0.0;
    vec3 white = vec3(0.0);
    if (kind.a > 0.0 && n.z > 0.4) {
        vec2 q = p.xy + eye.xy;
        vec2 lies = snow_at(q, n.z, kind.a, falls);
        cover = lies.x;
        if (cover > 0.0) {
            // Fresh snow, and what wheels have made of it.
            float soiled = lies.y * (0.35 + 0.4 * value_noise(q * vec2(0.8, 0.8) + 5.0));
            white = mix(vec3(0.86, 0.87, 0.89), vec3(0.38, 0.36, 0.34), soiled);
            white *= 0.92 + 0.08 * value_noise(q * 13.0);
            roughness = mix(roughness, 0.85, cover);
            f0 = mix(f0, vec3(0.02), cover);
            film *= 1.0 - cover;
            float x = value_noise(q * 3.1) - value_noise(q * 3.1 + vec2(0.4, 0.0));
            float y = value_noise(q * 3.1) - value_noise(q * 3.1 + vec2(0.0, 0.4));
            n = normalize(n + vec3(x, y, 0.0) * (0.22 * cover / (1.0 + 0.05 * z)));
            nv = max(dot(n, v), 0.02);
        }
    }
#endif

#ifdef ENCLOSED
    vec3 diffuse = around_here.rgb * open;   // times pi
    vec3 mirrored = surroundings_within(p, reflect(-v, n), roughness, within);
#else
    vec3 diffuse = irradiance(n) * open;   // times pi
    vec3 mirrored = surroundings(reflect(-v, n), roughness);
#endif
    // The film's own reflection of the surroundings is added by the water pass.
    vec3 gloss = (1.0 - abs(film)) * (0.7 * open + 0.3) * environment_brdf(f0, roughness, nv) * mirrored;

#ifdef SUN
    float nl = dot(n, sun_direction);
    if (nl > 0.0) {
        float lit = sun_light(p, n, z, nl);
#ifdef ENCLOSED
        if (within >= 0) lit *= outside_along(p, sun_direction, 0.005, within, false);
#endif
        if (lit > 0.0) {
            vec3 h = normalize(v + sun_direction);
            vec3 f = schlick(f0, max(dot(v, h), 0.0));
            diffuse += lit * nl * sun_lux;
            gloss += lit * ggx(max(dot(n, h), 0.0), nv, nl, roughness) * f * sun_lux;
        }
    }
#endif
#ifdef LAMPS
    faint = threshold;
#ifdef ENCLOSED
    if (within >= 0) faint = mix(enclosures[4 * within + 3].a, threshold, min(around_here.a, 1.0));
#endif
#ifdef RETROREFLECTION
    faint /= max(1.0, SHEETING_GAIN * kind.y);
#endif
    Surface here = Surface(p, v, n, nv, f0, roughness, albedo / max(max(albedo.r, albedo.g), max(albedo.b, 0.01)),
                           kind.y * (1.0 - 0.85 * damp));   // a film drowns the beads of a marking (EN 1436: R5 300, RW3 50)
#define SHINE(k)                                                                                                     \
    shine(here, near_lamps[7 * k], near_lamps[7 * k + 1], near_lamps[7 * k + 2], near_lamps[7 * k + 3],                \
          near_lamps[7 * k + 4], near_lamps[7 * k + 5], near_lamps[7 * k + 6], diffuse, gloss)
#if COUNT > 0
    SHINE(0);
    SHINE(1);
#endif
#if COUNT > 2
    SHINE(2);
    SHINE(3);
    int k = span.x;
    if (span.y > 0) do {   // a loop that asks first runs once more on a processor
        int i = LAMP_VECTORS * int(texelFetch(lists, ivec2(k & 1023, k >> 10), 0).r);
        shine(here, lamps[i], lamps[i + 1], lamps[i + 2], lamps[i + 3], lamps[i + 4], lamps[i + 5], lamps[i + 6], diffuse,
              gloss);
    } while (++k < span.x + span.y);
#endif
#endif
    diffuse *= dry / PI;
#ifdef SNOW
    gloss += cover * white * diffuse;
    diffuse *= 1.0 - cover;
#endif
    // The passes of the water look at the first pixel.
    out_diffuse = vec4(min(diffuse, vec3(65000.0)), marks.w > 0.0 ? film : 0.0);
    out_gloss = vec4(min(gloss, vec3(65000.0)), damp);
}
