"""The suites: judge any broker, and any client, from outside."""
