// Enclosures (scene/enclosure.py): who is in one sees what is around only through its openings, and who stands before
// one sees the dark in them. The light through an opening is its form factor (Lambert 1760), clipped at the surface's own
// horizon, times what a surface outside gets that is turned half towards the middle of what is seen through it.
const int MAX_ENCLOSURES = 4;
const int MAX_OPENINGS = 8;
// Of each: three rows that take a point relative to the eye into a box from -1 to 1; bounced lux and lamps' threshold
uniform vec4 enclosures[4 * MAX_ENCLOSURES];
uniform vec4 openings[3 * MAX_OPENINGS];       // middle relative to the eye, its enclosure; half the sides across and up
uniform ivec2 enclosed;                        // how many of both

// The one that a point lies in, -1 for none.
int enclosure_of(vec3 p) {
    for (int k = 0; k < enclosed.x; ++k) {
        vec4 h = vec4(p, 1.0);
        vec3 q = vec3(dot(enclosures[4 * k], h), dot(enclosures[4 * k + 1], h), dot(enclosures[4 * k + 2], h));
        if (max(max(abs(q.x), abs(q.y)), abs(q.z)) < 1.0) return k;
    }
    return -1;
}

// Contribution of an edge between two directions to the light's vector, with the fit of angle / sin(angle) by Heitz
// et al. (2016).
vec3 edge_vector(vec3 a, vec3 b) {
    float x = dot(a, b);
    float y = abs(x);
    float fit = (0.8543985 + (0.4965155 + 0.0145206 * y) * y) / (3.4175940 + (4.1616724 + y) * y);
    return cross(a, b) * (x > 0.0 ? fit : 0.5 * inversesqrt(max(1.0 - x * x, 1e-7)) - fit);
}

// Vector whose part along the normal is the form factor of an opening, and which points to the middle of what is seen.
vec3 opening_vector(vec3 middle, vec3 across, vec3 up, vec3 n) {
    vec3 corners[4] = vec3[](middle - across - up, middle + across - up, middle + across + up, middle - across + up);
    vec3 from = corners[3];
    float from_height = dot(n, from);
    vec3 first = vec3(0.0), last = vec3(0.0), sum = vec3(0.0);
    bool begun = false;
    for (int i = 0; i < 4; ++i) {
        vec3 to = corners[i];
        float to_height = dot(n, to);
        if ((from_height < 0.0) != (to_height < 0.0)) {
            vec3 level = normalize(mix(from, to, from_height / (from_height - to_height)));
            if (begun) sum += edge_vector(last, level); else first = level;
            begun = true;
            last = level;
        }
        if (to_height >= 0.0) {
            vec3 corner = normalize(to);
            if (begun) sum += edge_vector(last, corner); else first = corner;
            begun = true;
            last = corner;
        }
        from = to;
        from_height = to_height;
    }
    if (begun) sum += edge_vector(last, first);
    return dot(sum, middle) < 0.0 ? -sum : sum;
}

// Irradiance of a surface in an enclosure or outside, and the share of it that is seen of the outside.
vec4 irradiance_within(vec3 p, vec3 n, int within) {
    vec4 sum = within < 0 ? vec4(irradiance(n), 1.0) : vec4(0.0);
    float hidden = 0.0;
    for (int k = 0; k < enclosed.y; ++k) {
        vec3 middle = openings[3 * k].xyz - p, across = openings[3 * k + 1].xyz, up = openings[3 * k + 2].xyz;
        vec3 out_of = cross(across, up);
        bool before = dot(middle, out_of) < 0.0;
        if (within < 0) {
            // Far away nobody sees that it is dark.
            if (!before || dot(middle, middle) * 0.0025 > length(out_of)) continue;
            hidden += max(dot(n, opening_vector(middle, across, up, n)), 0.0);
        } else if (!before && within == int(openings[3 * k].w)) {
            vec3 seen = opening_vector(middle, across, up, n);
            float share = dot(n, seen);
            // Of the outside a floor sees more of the sky, and a vault more of the ground.
            if (share > 0.0) sum += share * vec4(irradiance(normalize(normalize(seen) + n)), 1.0);
        }
    }
    if (within < 0) return sum * max(1.0 - hidden, 0.0);
    return vec4(sum.rgb + enclosures[4 * within + 3].rgb, sum.a);
}

// Share of a lobe that ends within a rectangle, from where its axis meets it and its width, both in half sides.
float overlap(vec2 at, vec2 spread) {
    vec2 covered = smoothstep(at - spread, at + spread, vec2(1.0)) - smoothstep(at - spread, at + spread, vec2(-1.0));
    return covered.x * covered.y;
}

// Share of a lobe about the direction d that passes an opening; it falls to nothing at the tangent to either side.
float through(vec3 middle, vec3 across, vec3 up, vec3 d, float tangent) {
    vec3 out_of = cross(across, up);
    float distance = dot(middle, out_of) / dot(d, out_of);
    if (!(distance > 0.0)) return 0.0;
    vec3 q = d * distance - middle;
    vec2 size = vec2(dot(across, across), dot(up, up));
    vec2 at = vec2(dot(q, across), dot(q, up)) / size;
    return overlap(at, distance * tangent * inversesqrt(size));
}

#ifdef BODIES
const int MAX_BOXES = 64;
uniform vec4 box_place[MAX_BOXES];    // centre relative to the eye, half height
uniform vec4 box_shape[MAX_BOXES];    // half length and width, cosine and sine of the heading
uniform int box_count;

// Share of a lobe that the bodies in its way let pass, each as the upright rectangle that it shows: the car behind stands
// before the bright portal that the one ahead of it would mirror.
float free_along(vec3 p, vec3 d, float tangent) {
    float level = max(length(d.xy), 0.05);
    vec2 way = d.xy / level;
    float passes = 1.0;
    for (int i = 0; i < box_count; ++i) {
        vec3 middle = box_place[i].xyz - p;
        vec2 size = box_shape[i].xy, heading = box_shape[i].zw;
        float c = abs(dot(heading, way)), s = abs(heading.x * way.y - heading.y * way.x);
        float ahead = dot(middle.xy, way);
        if (ahead < c * size.x + s * size.y + 0.3) continue;   // behind the surface, or its own
        vec2 shown = vec2(s * size.x + c * size.y, box_place[i].w);
        vec2 at = vec2(middle.y * way.x - middle.x * way.y, middle.z - d.z * ahead / level) / shown;
        passes *= 1.0 - overlap(at, ahead / level * tangent / shown);
    }
    return passes;
}
#endif

// Share of a lobe that leaves an enclosure, or that from outside does not end in one; past bodies, where they are asked for.
float outside_along(vec3 p, vec3 d, float tangent, int within, bool past_bodies) {
    float passes = 0.0;
    for (int k = 0; k < enclosed.y; ++k) {
        vec3 middle = openings[3 * k].xyz - p, across = openings[3 * k + 1].xyz, up = openings[3 * k + 2].xyz;
        vec3 out_of = cross(across, up);
        bool before = dot(middle, out_of) < 0.0;
        if (before != (within < 0) || (!before && within != int(openings[3 * k].w))) continue;
        float share = through(middle, across, up, d, tangent);
#ifdef BODIES
        if (past_bodies && within >= 0 && share > 1e-5) {
            // Of a wide lobe counts what goes to the opening.
            float distance = length(middle), width = sqrt(length(out_of)) / distance;
            share *= width < tangent ? free_along(p, middle / distance, width) : free_along(p, d, tangent);
        }
#endif
        passes += share;
    }
    return clamp(within < 0 ? 1.0 - passes : passes, 0.0, 1.0);
}

// Luminance of what is inside, on the mean.
vec3 inside_of(int within) { return within < 0 ? vec3(0.0) : enclosures[4 * within + 3].rgb * 0.3183099; }

// Half the width of the lobe of a surface of this roughness, as a tangent.
float lobe(float roughness) { return 0.03 + 0.8 * roughness * roughness; }

// What is seen along a direction, blurred over the lobe of a surface of this roughness.
vec3 surroundings_within(vec3 p, vec3 d, float roughness, int within) {
    return mix(inside_of(within), surroundings(d, roughness), outside_along(p, d, lobe(roughness), within, true));
}
