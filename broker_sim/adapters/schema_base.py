"""What the tables of the broker are put into, and the key that they share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Integer, MetaData

# SQLite's fast primary key is an INTEGER, PostgreSQL wants 64 bits said.
BIG: Final = BigInteger().with_variant(Integer, "sqlite")

metadata: Final = MetaData()
