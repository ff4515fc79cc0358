// Where a node stands: one row of the table of nodes per instance. Positions are relative to the eye, in world axes.
in vec3 in_position;
in vec4 in_x;
in vec4 in_y;
in vec4 in_z;
uniform mat4 clip_from_eye;
invariant gl_Position;

vec3 placed() {
    vec4 h = vec4(in_position, 1.0);
    return vec3(dot(in_x, h), dot(in_y, h), dot(in_z, h));
}

vec3 turned(vec3 v) { return vec3(dot(in_x.xyz, v), dot(in_y.xyz, v), dot(in_z.xyz, v)); }
