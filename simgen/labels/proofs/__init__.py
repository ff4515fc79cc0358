"""What must hold of any picture and its labels, checked without the scene they came from."""

from simgen.labels.proofs.evidence import Facts, Planes
from simgen.labels.proofs.frame import proof_faults
from simgen.labels.proofs.motion import flow_faults
from simgen.labels.proofs.surfaces import normal_faults, part_faults

__all__ = ["Facts", "Planes", "flow_faults", "normal_faults", "part_faults", "proof_faults"]
