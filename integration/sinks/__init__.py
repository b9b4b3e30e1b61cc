"""Where sessions are put: archives, default keys, database. Asked twice, each gives the same."""
