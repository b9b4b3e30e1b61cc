"""How the broker behaves: pure functions of values; no clock, chance, disk, net or log."""
