"""The tables of the client's database: the Session form and its tables, and the cursor.

Names avoid what some database or other reserves. Types hold what a broker may send on each of
SQLite, PostgreSQL, MySQL and MariaDB. One database is for one broker: session ids are its own.

Source: C-ONCE-1, S0 (the form's Request, Session and Review tabs).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects import mysql


class Instant(TypeDecorator[datetime]):
    """An instant, UTC, to the millisecond; aware in Python, without a zone in the database."""

    impl = DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Take the zone off."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Put the zone on."""
        return None if value is None else value.replace(tzinfo=UTC)


# As primary key, SQLite's own row number is its INTEGER only
_Id = BigInteger().with_variant(Integer, "sqlite")
# MySQL's TEXT ends at 64 kB
_Long = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
_Word = String(32)
_Name = String(255)

METADATA: Final = MetaData()

SESSION: Final = Table(
    "support_session",
    METADATA,
    Column("session_id", _Id, primary_key=True, autoincrement=False),
    Column("session_status", _Word, nullable=False),
    Column("session_mode", _Word, nullable=False),
    Column("reference_id", _Long),
    Column("last_update_id", BigInteger, nullable=False),
    # Request
    Column("portal", _Name, nullable=False),
    Column("sub_portal", _Name, nullable=False),
    Column("question", _Long, nullable=False),
    Column("post_time", Instant, nullable=False),
    Column("response_time", Instant),
    Column("representative", _Name),
    Column("rep_name", _Long),
    Column("rep_screen_name", _Long),
    Column("team_name", _Long),
    Column("rep_ip", _Long),
    Column("customer_ip", _Long),
    Column("transferred_from", BigInteger),
    Column("transferred_to", BigInteger),
    # Session
    Column("start_time", Instant),
    Column("end_time", Instant),
    Column("duration_minutes", Integer),
    Column("resolution", _Word),
    Column("session_locale", _Long, nullable=False),
    Column("reboot_reconnect", _Word, nullable=False),
    Column("session_end_label", _Long),
    Column("session_end_data", _Long),
    # Review
    Column("rep_comment", _Long),
    Column("remote_replay_url", _Long),
    Column("local_replay_url", _Long),
    Column("archive", _Name),  # its name in the storage folder; null until the session has ended
    Column("stored_at", Instant, nullable=False),
    Index("support_session_by_end", "portal", "end_time"),
    Index("support_session_by_post", "portal", "post_time"),
)


def _part(name: str, *columns: Column[object]) -> Table:
    """Declare one of the session's tables: rows in the broker's order."""
    return Table(
        f"support_session_{name}",
        METADATA,
        Column("session_id", BigInteger, primary_key=True, autoincrement=False),
        Column("ordinal", Integer, primary_key=True, autoincrement=False),
        *columns,
    )


def _labelled(name: str) -> Table:
    label: Column[object] = Column("entry_label", _Long)
    return _part(name, label, Column("entry_value", _Long, nullable=False))


SMARTBOX: Final = _labelled("smartbox")
CUSTOMER_RATING: Final = _labelled("customer_rating")
REP_RATING: Final = _labelled("rep_rating")
EVENT: Final = _part(
    "event",
    Column("event_time", Instant, nullable=False),
    Column("event_kind", _Word, nullable=False),
    Column("detail", _Long, nullable=False),
)
FILE: Final = _part(
    "file",
    Column("channel", _Word, nullable=False),
    Column("file_name", _Name, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("encrypted", Boolean, nullable=False),
    Column("wrapped_key", _Name),  # base64
    Column("key_version", Integer),
    Column("kdf", _Word),
    Column("kdf_salt", _Name),  # base64
    Column("in_archive", Boolean, nullable=False),
)
PARTS: Final = (SMARTBOX, CUSTOMER_RATING, REP_RATING, EVENT, FILE)

CURSOR: Final = Table(
    "client_cursor",
    METADATA,
    Column("portal", _Name, primary_key=True),  # the portal's nickname
    Column("update_id", BigInteger, nullable=False),  # everything up to it is stored
    Column("caught_up_from", Instant),  # and everything that ended since then; null before that
    Column("written_at", Instant, nullable=False),
)
