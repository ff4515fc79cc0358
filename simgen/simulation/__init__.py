"""ConcreteScenario in, Snapshots out: pybullet, dynamics, behaviours, story."""
