"""The front: what comes over HTTP in, what is answered out; TLS and its authority."""
