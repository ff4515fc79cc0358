// One triangle over the whole target, at the far plane, so that the depth test can tell sky from surface.
void main() {
    vec2 p = vec2((gl_VertexID & 1) * 4 - 1, (gl_VertexID & 2) * 2 - 1);
    gl_Position = vec4(p, 1.0, 1.0);
}
