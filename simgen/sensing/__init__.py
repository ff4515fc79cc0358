"""RenderBuffers in, what the sensor delivered out: weather, optics, imager, faults."""

from simgen.sensing.chain import Chain
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import AppliedEffect, DepthCause, SensorFrame, WorkingFrame
from simgen.sensing.sensor import Sensor

__all__ = ["AppliedEffect", "Chain", "DepthCause", "Effect", "Moment", "Sensor", "SensorFrame", "WorkingFrame"]
