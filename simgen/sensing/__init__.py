"""RenderBuffers in, what the sensor delivered out: weather, optics, imager, faults."""
