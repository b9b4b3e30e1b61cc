"""What the client knows and decides: functions of values; no clock, chance, disk, net or log."""
