// The scene as the level of the water shows it.
#include "place.glsl"
in vec3 in_normal;
in vec4 in_base;
in float in_mark;
in vec3 in_mean;       // square root of the texture's mean
uniform float level;   // height of the water relative to the eye
uniform float cut;     // the same of where its image begins
flat out float mark;
flat out vec3 base;
out vec3 point;
out vec3 normal;

void main() {
    mark = in_mark;
    base = in_base.rgb * in_mean;
    point = placed();
    normal = turned(in_normal);
    gl_Position = clip_from_eye * vec4(point.xy, 2.0 * level - point.z, 1.0);
    gl_ClipDistance[0] = point.z - cut;
}
