"""What a person, or another program, is told about the work."""
