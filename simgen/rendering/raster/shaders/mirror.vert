// The scene as the level of the water shows it.
#include "node.glsl"
in vec3 in_position;
in vec3 in_normal;
in int in_node;
uniform mat4 clip_from_eye;
uniform float level;   // height of the water relative to the eye
flat out int node;
out vec3 point;
out vec3 normal;

void main() {
    node = in_node;
    point = node_point(node, in_position);
    normal = vec3(dot(node_texel(node, 0).xyz, in_normal), dot(node_texel(node, 1).xyz, in_normal),
                  dot(node_texel(node, 2).xyz, in_normal));
    gl_Position = clip_from_eye * vec4(point.xy, 2.0 * level - point.z, 1.0);
}
