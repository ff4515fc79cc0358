// One square of the image per point, with what matters to it: its first lamps themselves (variant LAMPS), and a list of
// further lamps, or of boxes. A point is one primitive, where two triangles would shade what lies along their seam twice.
in ivec4 in_tile;   // column and row in pixels, first entry of the list, entries
uniform vec2 covered;   // pixels of the image, up to whole squares
uniform float tile_size;
flat out ivec2 span;
#if defined(LAMPS) && COUNT > 0
#include "lamp.glsl"
in ivec4 in_lamps;
flat out vec4 near_lamps[LAMP_VECTORS * COUNT];
#endif

void main() {
    span = in_tile.zw;
#if defined(LAMPS) && COUNT > 0
    for (int k = 0; k < COUNT; ++k)
        for (int j = 0; j < LAMP_VECTORS; ++j) near_lamps[LAMP_VECTORS * k + j] = lamps[LAMP_VECTORS * in_lamps[k] + j];
#endif
    gl_Position = vec4((vec2(in_tile.xy) + 0.5 * tile_size) / covered * 2.0 - 1.0, -1.0, 1.0);  // at the far plane, see reversed_depth.py
}
