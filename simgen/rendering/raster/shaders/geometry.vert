#include "place.glsl"
in vec3 in_normal;
in vec4 in_base;
in float in_mark;
flat out float mark;
flat out vec4 base;
out vec3 normal;
#ifdef TEXTURED
in vec2 in_uv;
out vec2 uv;
#endif

void main() {
    mark = in_mark;
    base = in_base;
#ifdef TEXTURED
    uv = vec2(in_uv.x, 1.0 - in_uv.y);
#endif
    normal = turned(in_normal);
    gl_Position = clip_from_eye * vec4(placed(), 1.0);
}
