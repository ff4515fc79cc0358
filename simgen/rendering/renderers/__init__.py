"""The renderers, one module each; GL and pybullet are imported only when one is made."""
