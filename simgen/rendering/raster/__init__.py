"""The raster renderer on OpenGL: one geometry pass into a G-buffer, then light, per pixel, in physical units."""
