"""Use cases: one function per operation; load, ask core, store, answer."""
