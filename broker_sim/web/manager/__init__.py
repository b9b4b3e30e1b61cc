"""The Management Center: what managers see and do."""
