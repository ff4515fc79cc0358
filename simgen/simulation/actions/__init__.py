"""Actions, one file each: what the story does to a subject. Names follow ASAM OpenSCENARIO XML 1.3 where it has one."""
