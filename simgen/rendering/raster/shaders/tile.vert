// One square of the image per instance, with the list of what matters to it: lamps or boxes.
in ivec4 in_tile;   // column and row in pixels, first entry of the list, entries
uniform vec2 image_size;
uniform float tile_size;
flat out ivec2 span;

void main() {
    vec2 corner = vec2(in_tile.xy) + vec2(gl_VertexID & 1, gl_VertexID >> 1) * tile_size;
    span = in_tile.zw;
    gl_Position = vec4(corner / image_size * 2.0 - 1.0, 1.0, 1.0);
}
