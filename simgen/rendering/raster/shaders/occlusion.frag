// How much of the sky around a point is hidden, at a quarter of the resolution: by what lies close around it in the picture
// (after McGuire et al. 2011), and, in the variant BOXES, by the boxes of bodies that stand on the ground.
#include "pixel.glsl"
uniform float focal;   // fx in pixels
out vec2 out_open;   // share that is open, planar z

const int MAX_BOXES = 64;
flat in ivec2 span;
uniform sampler2D lists;              // 1024 entries a row: index of a box
uniform vec4 box_place[MAX_BOXES];    // centre relative to the eye, half height
uniform vec4 box_shape[MAX_BOXES];    // half length and width, cosine and sine of the heading

// Contribution of an edge between two directions to the form factor of a polygon over level ground, with the fit of
// angle / sin(angle) by Heitz et al. (2016).
float edge(vec3 a, vec3 b) {
    float x = dot(a, b);
    float y = abs(x);
    float fit = (0.8543985 + (0.4965155 + 0.0145206 * y) * y) / (3.4175940 + (4.1616724 + y) * y);
    float scale = x > 0.0 ? fit : 0.5 * inversesqrt(max(1.0 - x * x, 1e-7)) - fit;
    return (a.x * b.y - a.y * b.x) * scale;
}

// Share of the level sky that a box hides from a point on the ground. Of the faces turned towards the point only the
// outline counts: the upper edge of a side that faces it, the lower edge of one that does not.
float hidden_by(vec4 place, vec4 shape, vec3 p) {
    vec3 d = place.xyz - p;
    float low = d.z - place.w;
    float reach = length(shape.xy) + min(2.5 * place.w, 4.0);
    float fade = 2.5 * (1.0 - length(d) / reach);
    if (fade <= 0.0 || low < -min(0.05, 0.3 * place.w)) return 0.0;
    // No body fills its box down to the last corner: a little air below it keeps the edge soft.
    low = max(low, 0.15 * min(shape.x, shape.y));
    float high = max(d.z + place.w, low + 0.001);
    vec2 m = vec2(shape.z * d.x + shape.w * d.y, shape.z * d.y - shape.w * d.x);
    vec2 a = m - shape.xy, b = m + shape.xy;
    float za = a.y > 0.0 ? high : low;
    float zb = b.x < 0.0 ? high : low;
    float zc = b.y < 0.0 ? high : low;
    float zd = a.x > 0.0 ? high : low;
    float sum = edge(normalize(vec3(a.x, a.y, za)), normalize(vec3(b.x, a.y, za))) +
                edge(normalize(vec3(b.x, a.y, zb)), normalize(vec3(b.x, b.y, zb))) +
                edge(normalize(vec3(b.x, b.y, zc)), normalize(vec3(a.x, b.y, zc))) +
                edge(normalize(vec3(a.x, b.y, zd)), normalize(vec3(a.x, a.y, zd)));
    return clamp(sum, 0.0, 1.0) * min(fade, 1.0);
}

const int TAPS = 7;
const vec2 SPIRAL[TAPS] = vec2[](vec2(0.071, 0.0), vec2(-0.158, 0.145), vec2(0.031, -0.356), vec2(0.304, 0.397),
                                 vec2(-0.633, -0.112), vec2(0.663, -0.422), vec2(-0.241, 0.896));

void main() {
    ivec2 cell = ivec2(gl_FragCoord.xy);
    ivec2 size = textureSize(g_depth, 0);
    ivec2 pixel = min(cell * 4 + 1, size - 1);
    float z = texelFetch(g_depth, pixel, 0).r;
    if (z == 0.0) { out_open = vec2(1.0, 0.0); return; }
    vec3 p = ray_at(vec2(pixel) + 0.5) * z;
    vec3 n = normal_at(pixel);
    float reach = clamp(0.12 * z, 0.03, 0.9);
    float reach_px = min(reach * focal / z, 0.2 * float(size.x));
    float turn = float(cell.x % 3 * 3 + cell.y % 3) * 0.6981317;
    vec2 x_axis = vec2(cos(turn), sin(turn)) * reach_px;
    float hidden = 0.0;
    float within = 1.0 / (reach * reach);
    vec3 ray_x = world_from_camera[0] * pinhole.x;
    vec3 ray_y = world_from_camera[1] * pinhole.y;
    vec3 ray_0 = ray_at(vec2(pixel) + 0.5);
    for (int i = 0; i < TAPS; ++i) {
        ivec2 o = ivec2(SPIRAL[i].x * x_axis + SPIRAL[i].y * vec2(-x_axis.y, x_axis.x));
        ivec2 q = clamp(pixel + o, ivec2(0), size - 1);
        float other = texelFetch(g_depth, q, 0).r;
        vec2 step_px = vec2(q - pixel);
        vec3 to = (ray_0 + ray_x * step_px.x + ray_y * step_px.y) * other - p;
        float d2 = dot(to, to);
        float rise = dot(n, to) * inversesqrt(d2 + 1e-8) - 0.12;
        hidden += max(0.0, rise) * max(0.0, 1.0 - d2 * within);
    }
    float open = clamp(1.0 - hidden * (2.4 / float(TAPS)), 0.0, 1.0);
#ifdef BOXES
    float shut = n.z > 0.5 ? 1.0 : 0.0;
    int k = span.x;
    do {   // a loop that asks first runs once more
        int i = int(texelFetch(lists, ivec2(k & 1023, k >> 10), 0).r);
        open *= 1.0 - shut * hidden_by(box_place[i], box_shape[i], p);
    } while (++k < span.x + span.y);
#endif
    out_open = vec2(open, z);
}
