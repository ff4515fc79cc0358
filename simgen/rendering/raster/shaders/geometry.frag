// Variant: TEXTURED.
flat in float mark;
flat in vec4 base;   // sqrt of linear albedo, roughness
in vec3 normal;
#ifdef TEXTURED
in vec2 uv;
uniform sampler2D surface;   // factors of the same
#endif
layout(location = 0) out vec4 out_albedo;  // sqrt of linear albedo, roughness
layout(location = 1) out vec2 out_normal;  // octahedral
layout(location = 2) out vec2 out_place;   // planar z, node + 1

vec2 octahedral(vec3 n) {
    n /= abs(n.x) + abs(n.y) + abs(n.z);
    vec2 folded = (1.0 - abs(n.yx)) * vec2(n.x >= 0.0 ? 1.0 : -1.0, n.y >= 0.0 ? 1.0 : -1.0);
    return (n.z >= 0.0 ? n.xy : folded) * 0.5 + 0.5;
}

void main() {
#ifdef TEXTURED
    out_albedo = base * texture(surface, uv);
#else
    out_albedo = base;
#endif
    out_normal = octahedral(gl_FrontFacing ? normal : -normal);
    out_place = vec2(1.0 / gl_FragCoord.w, mark);
}
