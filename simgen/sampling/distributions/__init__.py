"""The distributions that YAML can name, one family per file."""
