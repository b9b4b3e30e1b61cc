"""What the command line asks of a running broker, over its control API."""
