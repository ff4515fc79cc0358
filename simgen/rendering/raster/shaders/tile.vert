// One square of the image per instance, with the lists of the lamps and boxes that matter to it.
in ivec4 in_tile;    // column and row in pixels, first entry and number of lamps
in ivec2 in_boxes;   // first entry and number of boxes
uniform vec2 image_size;
uniform float tile_size;
flat out ivec2 lamp_span;
flat out ivec2 box_span;

void main() {
    vec2 corner = vec2(in_tile.xy) + vec2(gl_VertexID & 1, gl_VertexID >> 1) * tile_size;
    lamp_span = in_tile.zw;
    box_span = in_boxes;
    gl_Position = vec4(corner / image_size * 2.0 - 1.0, 1.0, 1.0);
}
