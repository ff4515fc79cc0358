"""LogicalScenario and (seed, index) in, ConcreteScenario out: every value fixed, every draw recorded."""

from simgen.sampling.sampler import MAX_ATTEMPTS, Acceptance, Tally, acceptance, located, sample, samples

__all__ = ["MAX_ATTEMPTS", "Acceptance", "Tally", "acceptance", "located", "sample", "samples"]
