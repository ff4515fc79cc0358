#include "place.glsl"

void main() { gl_Position = clip_from_eye * vec4(placed(), 1.0); }
