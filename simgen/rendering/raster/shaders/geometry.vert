#include "node.glsl"
in vec3 in_position;
in vec3 in_normal;
in vec2 in_uv;
in int in_node;
uniform mat4 clip_from_eye;
invariant gl_Position;
flat out float mark;
flat out vec4 base;
out vec3 normal;
out vec2 uv;

void main() {
    int node = in_node;
    mark = float(node + 1);
    base = node_texel(node, 3);
    uv = vec2(in_uv.x, 1.0 - in_uv.y);
    normal = vec3(dot(node_texel(node, 0).xyz, in_normal), dot(node_texel(node, 1).xyz, in_normal),
                  dot(node_texel(node, 2).xyz, in_normal));
    gl_Position = clip_from_eye * vec4(node_point(node, in_position), 1.0);
}
