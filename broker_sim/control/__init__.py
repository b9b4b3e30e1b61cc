"""The tester's door: clock, past, acts, portals, journal, over JSON, on a listener of its own."""
