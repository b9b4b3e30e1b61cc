"""Instants as the database keeps them: milliseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, overload

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@overload
def to_ms(instant: datetime) -> int: ...
@overload
def to_ms(instant: None) -> None: ...
@overload
def to_ms(instant: datetime | None) -> int | None: ...
def to_ms(instant: datetime | None) -> int | None:
    """Give the milliseconds of an aware instant; what is finer is cut."""
    return None if instant is None else (instant - _START) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Give the instant, aware, UTC."""
    return _START + milliseconds * _MILLISECOND
