"""The reference client: brings the sessions of a broker home."""
