// Normals in two numbers: stereographic coordinates about the direction back to the eye's plane. What the camera sees
// looks its way, so that these have no seam there, and flat or smooth surfaces may interpolate them.
const float BENT_REACH = 6.0;   // of the coordinates: up to 161 degrees away from the axis

// Camera axes, of any length; 0 counts as facing the camera.
vec2 bent(vec3 n) { return n.xy / max(length(n) - n.z, 1e-6) * (0.5 / BENT_REACH) + 0.5; }

vec3 straightened(vec2 stored) {
    vec2 e = (stored * 2.0 - 1.0) * BENT_REACH;
    float k = 2.0 / (1.0 + dot(e, e));
    return vec3(e * k, 1.0 - k);
}
