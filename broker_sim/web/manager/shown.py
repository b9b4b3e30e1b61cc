"""How reviews and reports write instants, spans and shares for people."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask

_NONE = "\N{EN DASH}"


def add(app: Flask) -> None:
    """Let templates write as these functions do."""
    for filter_ in (moment, clock, span, percent, mean, size, pair):
        app.jinja_env.filters[filter_.__name__] = filter_


def moment(instant: datetime | None) -> str:
    """Write an instant: day and time, UTC."""
    return _NONE if instant is None else f"{instant:%Y-%m-%d %H:%M:%S}"


def clock(instant: datetime) -> str:
    """Write the time of day, UTC."""
    return f"{instant:%H:%M:%S}"


def span(length: timedelta | float | None) -> str:
    """Write how long something took; a bare number is milliseconds."""
    if length is None:
        return _NONE
    spent = length.total_seconds() if isinstance(length, timedelta) else length / 1000
    minutes, seconds = divmod(int(spent + 0.5), 60)
    if minutes == 0:
        return f"{seconds} s"
    if minutes < 60:
        return f"{minutes} min {seconds:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def percent(part: float | None) -> str:
    """Write a share of 0 to 1."""
    return _NONE if part is None else f"{100 * part:.0f} %"


def mean(value: float | None) -> str:
    """Write an average."""
    return _NONE if value is None else f"{value:.2f}"


def size(octets: int) -> str:
    """Write the size of a file."""
    if octets < 1000:
        return f"{octets} bytes"
    if octets < 1_000_000:
        return f"{octets / 1000:.1f} kB"
    return f"{octets / 1_000_000:.1f} MB"


def pair(text: str) -> tuple[str, str]:
    """Give an option of a choice whose value is what it says."""
    return text, text
