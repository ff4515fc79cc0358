"""What a world can hold and how it stands at an instant: bodies, stages, roads, environment, Scene and Snapshot."""
