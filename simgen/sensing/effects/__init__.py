"""The effects that YAML can name, one per file."""
