"""The verdicts of the benches."""
