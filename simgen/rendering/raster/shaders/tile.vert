// One square of the image per instance, with what matters to it: its first lamps themselves (variant LAMPS), and a list of
// further lamps, or of boxes.
in ivec4 in_tile;   // column and row in pixels, first entry of the list, entries
uniform vec2 image_size;
uniform float tile_size;
flat out ivec2 span;
#if defined(LAMPS) && COUNT > 0
#include "lamp.glsl"
in ivec4 in_lamps;
flat out vec4 near_lamps[LAMP_VECTORS * COUNT];
#endif

void main() {
    vec2 corner = vec2(in_tile.xy) + vec2(gl_VertexID & 1, gl_VertexID >> 1) * tile_size;
    span = in_tile.zw;
#if defined(LAMPS) && COUNT > 0
    for (int k = 0; k < COUNT; ++k)
        for (int j = 0; j < LAMP_VECTORS; ++j) near_lamps[LAMP_VECTORS * k + j] = lamps[LAMP_VECTORS * in_lamps[k] + j];
#endif
    gl_Position = vec4(corner / image_size * 2.0 - 1.0, 1.0, 1.0);
}
