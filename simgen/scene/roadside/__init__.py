"""What roads are made of and what stands along them: surfaces with markings, kerbs, rails, posts, signals, trees."""
