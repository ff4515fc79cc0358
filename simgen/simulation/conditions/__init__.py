"""Conditions by concept: what a story, a requirement or an expectation may ask. Names follow ASAM OpenSCENARIO."""
