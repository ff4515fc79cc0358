"""Snapshot and camera in, RenderBuffers out: one protocol, three renderers."""
