// Variants: TEXTURED; OPEN, of what may show its backs.
#include "bent.glsl"
flat in float mark;
flat in vec4 base;   // sqrt of linear albedo, roughness
#ifdef OPEN
in vec3 normal;   // camera axes
#else
in vec2 normal;   // as it is stored
#endif
#ifdef TEXTURED
in vec2 uv;
uniform sampler2D surface;   // factors of the same
#endif
layout(location = 0) out vec4 out_albedo;  // sqrt of linear albedo, roughness
layout(location = 1) out vec2 out_normal;  // see bent.glsl
layout(location = 2) out float out_depth;  // planar z
layout(location = 3) out float out_node;   // node + 1

void main() {
#ifdef TEXTURED
    out_albedo = base * texture(surface, uv);
#else
    out_albedo = base;
#endif
#ifdef OPEN
    out_normal = bent(gl_FrontFacing ? normal : -normal);
#else
    out_normal = normal;
#endif
    out_depth = 1.0 / gl_FragCoord.w;
    out_node = mark;
}
