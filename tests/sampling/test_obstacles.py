"""What is said of bodies that have no room."""

from __future__ import annotations

from simgen.sampling.obstacles import sized


def test_nothing_is_told_to_be_without_thickness() -> None:
    assert sized(4.526, 1.8, 0.1) == "4.53 x 1.80 x 0.10 m"
    assert sized(0.25, 0.02, 0.001, 0.0004) == "0.25 x 0.02 x 0.001 x 0.0004 m"
