"""Steps that bring an older database to the shape of `schema.py`."""
