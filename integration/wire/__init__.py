"""What the client says to a broker, fetches from it and unseals."""
