"""LogicalScenario and (seed, index) in, ConcreteScenario out: every value fixed, every draw recorded."""
