// Tables over nodes: 8 texels per node in rows of 4096.
uniform sampler2D nodes;

vec4 node_texel(int node, int k) {
    int i = node * 8 + k;
    return texelFetch(nodes, ivec2(i & 4095, i >> 12), 0);
}

// Position relative to the eye, world axes.
vec3 node_point(int node, vec3 p) {
    vec4 h = vec4(p, 1.0);
    return vec3(dot(node_texel(node, 0), h), dot(node_texel(node, 1), h), dot(node_texel(node, 2), h));
}
