"""The only wiring: settings become clock, chance, store, vault, use cases and doors."""
