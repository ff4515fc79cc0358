"""YAML text in, LogicalScenario out, or all of its mistakes at once."""
