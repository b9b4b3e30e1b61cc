"""The tables of managers, teams and reports, and of the channels of sessions that go on."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text

from broker_sim.adapters.schema_base import BIG, metadata

# Who may use the Management Center, and as what. A password is kept as those of logins are.
manager: Final = Table(
    "manager",
    metadata,
    Column("email", String(255), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(32), nullable=False),
    Column("team", Text),  # of a team manager
    Column("password_hash", Text, nullable=False),
)

# Who is logged in there: by the digest of what the browser's cookie holds.
manager_login: Final = Table(
    "manager_login",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("email", String(255), nullable=False, index=True),
    Column("opened", BigInteger, nullable=False),
    Column("last_used", BigInteger, nullable=False, index=True),
)

# What administrators did, and who looked at what; kept as long as sessions are.
audit: Final = Table(
    "audit",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("actor", String(255), nullable=False),
    Column("action", String(64), nullable=False),
    Column("portal", String(255)),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

# A team, in which other teams may be; who is in it stands with the representative.
team: Final = Table(
    "team",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("parent", String(255)),
)

# The key of a session's channel (CHAN-1), from its start until its recording is made; how far the
# frames were read, as JSON; how many bytes of its screens are kept, as blobs `stream/...`.
channel: Final = Table(
    "channel",
    metadata,
    Column("session_id", BIG, primary_key=True, autoincrement=False),
    Column("session_key", LargeBinary(16), nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("progress", Text, nullable=False),
    Column("kept_bytes", BigInteger, nullable=False),
)

# What reports have counted: a day of a portal's sessions as one JSON text, and up to which entry
# of its change log that is known to hold.
report_day: Final = Table(
    "report_day",
    metadata,
    Column("portal_id", Integer, primary_key=True),
    Column("day", Integer, primary_key=True),  # since 1970, UTC
    Column("counts", Text, nullable=False),
)
report_log: Final = Table(
    "report_log",
    metadata,
    Column("portal_id", Integer, primary_key=True),
    Column("seen", BigInteger, nullable=False),
)
