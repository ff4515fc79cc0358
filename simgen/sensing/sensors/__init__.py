"""The kinds of sensor that YAML can name."""
