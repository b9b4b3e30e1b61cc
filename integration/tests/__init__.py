"""What must be true of the client."""
