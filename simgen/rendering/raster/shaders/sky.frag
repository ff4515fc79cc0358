#include "pixel.glsl"
#include "sky.glsl"
uniform sampler2D sky;
uniform vec2 pixel_angle;   // of one pixel in the middle, radians; 0 where there is no sun
layout(location = 0) out vec4 out_radiance;

void main() {
    vec3 d = normalize(ray_at(gl_FragCoord.xy));
    vec3 l = d.z >= 0.0 ? textureLod(sky, octahedral(d), 0.0).rgb : ground;
    if (pixel_angle.x > 0.0) {
        float away = 2.0 * asin(clamp(0.5 * length(d - sun_direction), 0.0, 1.0));
        // Scattered forward by haze: a few per cent of the direct light over some degrees.
        l += sun_lux * (0.30 * exp(-away / 0.035) + 0.04 * exp(-away / 0.2)) * step(-0.02, d.z);
        float disc = clamp((0.00465 - away) / pixel_angle.x + 0.5, 0.0, 1.0);
        l += disc * sun_lux / 6.79e-5;
    }
    out_radiance = vec4(clamp(l, 0.0, 65000.0), 0.0);
}
