"""Where jobs run: one small protocol, one module per way."""
