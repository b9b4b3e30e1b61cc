"""The work: what to bring home, in which order, and what to do when something fails."""
