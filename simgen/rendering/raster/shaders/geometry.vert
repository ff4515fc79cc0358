#include "place.glsl"
in vec3 in_normal;
in vec2 in_uv;
in vec4 in_base;
in float in_mark;
flat out float mark;
flat out vec4 base;
out vec3 normal;
out vec2 uv;

void main() {
    mark = in_mark;
    base = in_base;
    uv = vec2(in_uv.x, 1.0 - in_uv.y);
    normal = turned(in_normal);
    gl_Position = clip_from_eye * vec4(placed(), 1.0);
}
