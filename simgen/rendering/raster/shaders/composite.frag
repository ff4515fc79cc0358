// Every pixel's own albedo and emission under the light that was found at half resolution. Where the four cells around
// a pixel show one surface they are interpolated; at an edge those count that show the pixel's own.
#include "node.glsl"
#include "pixel.glsl"
#include "shade.glsl"
uniform sampler2D diffuse;
uniform sampler2D gloss;
uniform sampler2D edges;
layout(location = 0) out vec4 out_radiance;

// How different from a pixel what a cell shows is: another depth, another thing, another side.
float unlike(vec2 place, vec2 normal, ivec2 cell) {
    vec2 other = texelFetch(g_place, cell * 2, 0).xy;
    vec2 turn = abs(texelFetch(g_normal, cell * 2, 0).xy - normal);
    return abs(other.x - place.x) / place.x + (other.y != place.y ? 1.0 : 0.0) + 0.5 * max(turn.x, turn.y);
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    ivec2 last = textureSize(diffuse, 0) - 1;
    ivec2 a = pixel >> 1;
    ivec2 b = min(a + (pixel & 1), last);
    float mark = texelFetch(g_place, pixel, 0).y;
    vec2 own = texelFetch(edges, pixel, 0).xy;
    vec2 before = vec2(texelFetch(edges, max(pixel - ivec2(1, 0), 0), 0).x, texelFetch(edges, max(pixel - ivec2(0, 1), 0), 0).y);
    vec2 ends = max(own, before) * vec2(pixel & 1);
    vec4 d, g;
    if (max(ends.x, ends.y) < 0.2) {
        vec2 at = (vec2(pixel) * 0.5 + 0.5) / vec2(last + 1);
        d = texture(diffuse, at);
        g = texture(gloss, at);
    } else {
        vec2 place = texelFetch(g_place, pixel, 0).xy;
        vec2 normal = texelFetch(g_normal, pixel, 0).xy;
        vec4 apart = vec4(unlike(place, normal, a), unlike(place, normal, ivec2(b.x, a.y)),
                          unlike(place, normal, ivec2(a.x, b.y)), unlike(place, normal, b));
        apart *= apart;
        vec4 w = 1.0 / (1e-5 + apart * apart);
        w /= w.x + w.y + w.z + w.w;
        d = w.x * texelFetch(diffuse, a, 0) + w.y * texelFetch(diffuse, ivec2(b.x, a.y), 0) +
            w.z * texelFetch(diffuse, ivec2(a.x, b.y), 0) + w.w * texelFetch(diffuse, b, 0);
        g = w.x * texelFetch(gloss, a, 0) + w.y * texelFetch(gloss, ivec2(b.x, a.y), 0) +
            w.z * texelFetch(gloss, ivec2(a.x, b.y), 0) + w.w * texelFetch(gloss, b, 0);
    }
    vec4 extra = node_texel(int(mark) - 1, 0);
    vec3 albedo = texelFetch(g_albedo, pixel, 0).rgb;
    vec3 light = diffused(albedo * albedo, extra.a, d.rgb, g.a) + g.rgb + extra.rgb;
    out_radiance = vec4(min(light, vec3(65000.0)), 1.0);
}
