"""Behaviours, one file each: what an actor does by itself."""
