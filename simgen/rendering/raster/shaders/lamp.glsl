// A lamp in seven vectors: position relative to the eye, slot of its shadow map or -1; direction, cosine of the
// outer angle; candela, 1 / (cos inner - cos outer); right of its shadow map, one over half the larger side of that in
// tangents; up of the map, share of the light that ends above the edge of a dipped beam; where the map looks from, sine of
// that edge's height over the axis; where the map looks to, share of the light that leaves on all sides.
// Right and up of a map of a part of the cone lean so that the part's middle lies in the map's.
const int LAMP_VECTORS = 7;
const int MAX_LAMPS = 24;
uniform vec4 lamps[LAMP_VECTORS * (MAX_LAMPS + 1)];   // and one without light
