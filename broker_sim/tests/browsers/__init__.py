"""What people see, in a real browser. Run by `bin/test -e browser`; see `conftest.py`."""
