"""The tables of the broker. Instants are milliseconds since 1970, UTC.

`migrations/` brings an older database to this shape; a test compares the two.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from broker_sim.adapters import (
    schema_base,
    schema_management,  # noqa: F401  its tables join this metadata
)
from broker_sim.contract import limits

BIG: Final = schema_base.BIG
metadata: Final = schema_base.metadata

portal: Final = Table(
    "portal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("portal_type", String(32), nullable=False),
    Column("sub_portals", Text, nullable=False),  # a JSON list of names
    Column("hard_lockouts", Boolean, nullable=False),
    # The counter row: taken as the last statement before a write to the log (UPD-1).
    Column("last_update_id", BigInteger, nullable=False),
    # The newest update that has left the log and was made 90 days ago or earlier (UPD-3).
    Column("log_floor", BigInteger, nullable=False),
    # Settings of phone mode: active codes of one rep, and how long one lives (PHONE-2, PHONE-3).
    Column("codes_per_rep", Integer, nullable=False, server_default=str(limits.CODES_PER_REP)),
    Column(
        "code_seconds",
        Integer,
        nullable=False,
        server_default=str(limits.CODE_LIVES // timedelta(seconds=1)),
    ),
)

portal_key: Final = Table(
    "portal_key",
    metadata,
    Column("portal_id", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("secured", Boolean, nullable=False),
    Column("kek", LargeBinary, nullable=False),
    Column("kdf", String(64), nullable=False),
    Column("salt", LargeBinary),
)

login: Final = Table(
    "login",
    metadata,
    Column("username", String(255), primary_key=True),
    Column("portal_id", Integer, nullable=False, index=True),
    Column("password_hash", Text, nullable=False),
)

lockout: Final = Table(
    "lockout",
    metadata,
    Column("username", String(255), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", BigInteger),
    Column("hard_since", BigInteger),
    Column("known", Boolean, nullable=False),
    Column("touched", BigInteger, nullable=False),
    Index("ix_lockout_unknown", "known", "touched"),
)

# One row per login: that a login has one live connection is the primary key (CONN-1).
connection: Final = Table(
    "connection",
    metadata,
    Column("username", String(255), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("portal_id", Integer, nullable=False),
    Column("last_used", BigInteger, nullable=False),
)

session: Final = Table(
    "session",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("portal_id", Integer, nullable=False),
    Column("sub_portal", String(255), nullable=False),
    Column("stage", Integer, nullable=False),
    Column("rep", String(255)),
    Column("posted", BigInteger, nullable=False),
    Column("started", BigInteger),
    Column("ended", BigInteger),
    Column("updated", BigInteger, nullable=False),
    Column("last_update_id", BigInteger, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("due", BigInteger),
    Column("recorded", Boolean, nullable=False),
    # A session of a synthetic past: which batch, and its place in it. Its document is made
    # from these on every read, until something is known that the batch does not tell.
    Column("batch", Integer),
    Column("place", Integer),
    Column("document", LargeBinary),
    Index("ix_session_posted", "portal_id", "posted", "id"),
    Index("ix_session_started", "portal_id", "started", "id"),
    Index("ix_session_ended", "portal_id", "ended", "id"),
    Index("ix_session_updated", "portal_id", "updated", "id"),
)
# Indexes of a part of the rows.
_PARTIAL: Final = (
    (Index("ix_session_due", session.c.portal_id, session.c.due), session.c.due.is_not(None)),
    (Index("ix_session_open", session.c.portal_id, session.c.stage), session.c.stage < 3),
    # What a rep is in, has handled today, and ended last, none of it from the rows (MON-1).
    (
        Index(
            "ix_session_rep",
            session.c.rep,
            session.c.ended,
            session.c.stage,
            session.c.portal_id,
            session.c.started,
        ),
        session.c.started.is_not(None),
    ),
)


def say_which_rows(dialect: str) -> None:
    """Tell a database's dialect which rows the partial indexes hold, before they are made.

    Each dialect has its own word for it, and SQLAlchemy loads every dialect that is named.
    """
    for index, where in _PARTIAL:
        index.dialect_kwargs[f"{dialect}_where"] = where


update_log: Final = Table(
    "update_log",
    metadata,
    Column("portal_id", Integer, primary_key=True),
    Column("update_id", BigInteger, primary_key=True),
    Column("session_id", BigInteger, nullable=False, index=True),
    Column("kind", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_update_log_at", "portal_id", "at"),
    sqlite_with_rowid=False,
)

tombstone: Final = Table(
    "tombstone",
    metadata,
    Column("session_id", BIG, primary_key=True, autoincrement=False),
    Column("portal_id", Integer, nullable=False),
    Column("purged", BigInteger, nullable=False),
)

representative: Final = Table(
    "representative",
    metadata,
    Column("email", String(255), primary_key=True),
    Column("name", Text, nullable=False),
    Column("screen_name", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("ip", String(64), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("available", Boolean, nullable=False),
    # Since when: its own last logon, logoff or change of availability.
    Column("since", BigInteger, nullable=False),
    # The counter of its events, counted up before one is added: none is ever read too early.
    Column("last_event_id", BigInteger, nullable=False),
)

# Which sub-portals a rep takes requests from.
desk: Final = Table(
    "desk",
    metadata,
    Column("portal_id", Integer, primary_key=True),
    Column("sub_portal", String(255), primary_key=True),
    Column("email", String(255), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# One row per rep, as `connection` has one per login (CONN-1). Without a digest no id leads to
# it: a tester has put the rep at the desk.
rep_connection: Final = Table(
    "rep_connection",
    metadata,
    Column("email", String(255), primary_key=True),
    Column("digest", LargeBinary(32), unique=True),
    Column("last_used", BigInteger, nullable=False),
)

# What a rep is to hear of; the words are on the session's record.
agent_event: Final = Table(
    "agent_event",
    metadata,
    Column("email", String(255), primary_key=True),
    Column("event_id", BigInteger, primary_key=True),
    Column("session_id", BigInteger, nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Who was alerted to a request that still waits, and who of them has declined (PORTAL-3).
alert: Final = Table(
    "alert",
    metadata,
    Column("session_id", BigInteger, primary_key=True),
    Column("email", String(255), primary_key=True, index=True),
    Column("declined", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# A code without an end may be redeemed before `expires`; used and cancelled ones stay for a
# while, so that none of them is given out again (PHONE-1).
phone_code: Final = Table(
    "phone_code",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("portal_id", Integer, nullable=False),
    Column("sub_portal", String(255), nullable=False),
    Column("email", String(255), nullable=False),
    Column("customer_name", Text, nullable=False),
    Column("reference_id", Text),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
    Column("ended", BigInteger),
    Index("ix_phone_code_rep", "email", "expires"),
    Index("ix_phone_code_portal", "portal_id", "expires"),
)

# Either the data, or the key under which it lies in the blob folder.
blob: Final = Table(
    "blob",
    metadata,
    Column("session_id", BigInteger, primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("data", LargeBinary),
    Column("key", String(512)),
)

orphan: Final = Table("orphan", metadata, Column("key", String(512), primary_key=True))

batch: Final = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parameters", Text, nullable=False),
)

counter: Final = Table(
    "counter",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

note: Final = Table(
    "note",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
