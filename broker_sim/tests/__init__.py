"""What must be true of the broker."""
