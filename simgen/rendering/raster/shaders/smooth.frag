// Smooths the steps of edges (morphological anti-aliasing, Reshetov 2009): each run of edge pixels stands for a slanted
// line between its ends, and a pixel takes the share of the other side that lies under it.
uniform sampler2D radiance;
uniform sampler2D edges;
layout(location = 0) out vec4 out_radiance;
const int REACH = 12;

int flags(ivec2 q) {
    return any(lessThan(q, ivec2(0))) ? 0 : int(texelFetch(edges, q, 0).r * 255.0 + 0.5);
}

// Whether an edge runs between q and the pixel one step further along an axis (0 column, 1 row).
bool between(ivec2 q, int axis) { return (flags(q) & (1 << axis)) != 0; }

// Share of the pixel that the other side takes, where its edge lies `side` (-1 or 1) across `axis`.
float covered(ivec2 p, int axis, int side) {
    ivec2 across = axis == 0 ? ivec2(1, 0) : ivec2(0, 1);
    ivec2 along = ivec2(1) - across;
    ivec2 edge = side > 0 ? p : p - across;        // the pixel that holds the edge's flag
    ivec2 other = p + side * across;
    int turned = 1 - axis;
    float height[2];
    int reach[2];
    for (int s = 0; s < 2; ++s) {
        ivec2 step = s == 0 ? -along : along;
        ivec2 behind = s == 0 ? -along : ivec2(0);  // where the flag of the border to the next pixel along lies
        int k = 0;
        float h = 0.0;
        for (; k < REACH; ++k) {
            bool own = between(p + k * step + behind, turned);
            bool his = between(other + k * step + behind, turned);
            if (own || his) { h = own == his ? 0.0 : (own ? 0.5 : -0.5); break; }
            if (!between(edge + (k + 1) * step, axis)) break;
        }
        height[s] = h;
        reach[s] = k;
    }
    float t = (float(reach[0]) + 0.5) / float(reach[0] + reach[1] + 1);
    float h = height[0] * height[1] < 0.0 ? mix(height[0], height[1], t)
                                          : height[0] * max(1.0 - 2.0 * t, 0.0) + height[1] * max(2.0 * t - 1.0, 0.0);
    return max(h, 0.0);
}

void main() {
    ivec2 p = ivec2(gl_FragCoord.xy);
    vec4 own = texelFetch(radiance, p, 0);
    int here = flags(p);
    bool left = between(p - ivec2(1, 0), 0), above = between(p - ivec2(0, 1), 1);
    out_radiance = own;
    if (here == 0 && !left && !above) return;
    ivec2 last = textureSize(radiance, 0) - 1;
    vec4 sum = vec4(0.0);
    float share = 0.0;
    for (int i = 0; i < 4; ++i) {
        int axis = i >> 1, side = (i & 1) * 2 - 1;
        bool some = i == 0 ? left : (i == 1 ? (here & 1) != 0 : (i == 2 ? above : (here & 2) != 0));
        if (!some) continue;
        float w = covered(p, axis, side);
        ivec2 q = clamp(p + side * (axis == 0 ? ivec2(1, 0) : ivec2(0, 1)), ivec2(0), last);
        if (w > 0.0) { sum += w * texelFetch(radiance, q, 0); share += w; }
    }
    float most = min(share, 0.75);
    if (share > 0.0) out_radiance = vec4(mix(own.rgb, sum.rgb / share, most), own.a);
}
