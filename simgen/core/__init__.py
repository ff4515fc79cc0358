"""What every station shares: errors, geometry, cameras, keyed randomness, and how what YAML names is declared."""
