"""What a run is told as: terminal, JUnit, JSON, and a curl script per failure."""
