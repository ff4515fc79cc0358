"""FrameBundle in, files out, and back: provenance, writer, reader, verification, export."""
