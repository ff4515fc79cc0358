// Variants: TEXTURED, OPEN.
#include "place.glsl"
#include "bent.glsl"
uniform mat3 camera_from_world;
in vec3 in_normal;
in vec4 in_base;
in float in_mark;
flat out float mark;
flat out vec4 base;
#ifdef OPEN
out vec3 normal;
#else
out vec2 normal;
#endif
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
#ifdef OPEN
    normal = camera_from_world * turned(in_normal);
#else
    normal = bent(camera_from_world * turned(in_normal));
#endif
    gl_Position = clip_from_eye * vec4(placed(), 1.0);
}
