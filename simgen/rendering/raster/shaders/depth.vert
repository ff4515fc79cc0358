#include "node.glsl"
in vec3 in_position;
in int in_node;
uniform mat4 clip_from_eye;
invariant gl_Position;

void main() {
    gl_Position = clip_from_eye * vec4(node_point(in_node, in_position), 1.0);
}
