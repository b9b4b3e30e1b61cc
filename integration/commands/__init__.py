"""What each command does, from settings to exit code; `__main__` reads the command line."""
