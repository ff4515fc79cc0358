// Materials of the nodes: 2 texels per node in rows of 4096: emission, metallic; wettable (2: mirrors), retroreflectance,
// share of the emission that a mirror keeps, share of the snow that stays.
uniform sampler2D nodes;

vec4 node_texel(int node, int k) {
    int i = node * 2 + k;
    return texelFetch(nodes, ivec2(i & 4095, i >> 12), 0);
}
