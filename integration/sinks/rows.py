"""Sessions as rows of the tables.

Source: C-ONCE-2.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Table

from integration.core.record import File, Happening, Labelled, Session
from integration.sinks import schema

Row: TypeAlias = dict[str, Any]

# Columns whose name in the database is not the record's
_RENAMED: Final[Mapping[str, str]] = {
    "session_status": "status",
    "session_mode": "mode",
    "session_locale": "locale",
    "rep_comment": "representative_comment",
}
_OURS: Final = ("archive", "stored_at")


def session(record: Session, archive: str | None, now: datetime) -> Row:
    """Give the row of a session; `now` is when it is stored."""
    names = [column.name for column in schema.SESSION.columns if column.name not in _OURS]
    values = {name: getattr(record, _RENAMED.get(name, name)) for name in names}
    return {**values, "archive": archive, "stored_at": now}


def parts(record: Session, in_archive: frozenset[str]) -> Mapping[Table, list[Row]]:
    """Give the rows of a session's tables; `in_archive` names the files that are stored."""
    return {
        schema.SMARTBOX: _numbered(record, record.smart_box_entries, _labelled),
        schema.CUSTOMER_RATING: _numbered(record, record.customer_ratings, _labelled),
        schema.REP_RATING: _numbered(record, record.rep_ratings, _labelled),
        schema.EVENT: _numbered(record, record.events, _happening),
        schema.FILE: [
            {**row, "in_archive": row["file_name"] in in_archive}
            for row in _numbered(record, record.files, _file)
        ],
    }


def _numbered(record: Session, items: tuple[Any, ...], row: Callable[[Any], Row]) -> list[Row]:
    """Number the items from 1, in the broker's order."""
    return [
        {"session_id": record.session_id, "ordinal": ordinal, **row(item)}
        for ordinal, item in enumerate(items, 1)
    ]


def _labelled(item: Labelled) -> Row:
    return {"entry_label": item.label, "entry_value": item.value}


def _happening(item: Happening) -> Row:
    return {"event_time": item.time, "event_kind": item.kind, "detail": item.detail}


def _file(item: File) -> Row:
    return {
        "channel": item.channel,
        "file_name": item.name,
        "size_bytes": item.size,
        "sha256": item.sha256,
        "encrypted": item.encrypted,
        "wrapped_key": _base64(item.wrapped_key),
        "key_version": item.key_version,
        "kdf": item.kdf,
        "kdf_salt": _base64(item.kdf_salt),
    }


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()
