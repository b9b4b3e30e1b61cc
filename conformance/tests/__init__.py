"""The suites must bite."""
