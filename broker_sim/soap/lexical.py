"""Single values on the wire: how each kind is written in XML and read from it.

What `write_*` gives may stand between two tags as it is. What `read_*` takes is the text
between them; a text that is no value of its kind is a ValueError whose message is a clause
for the caller's eyes ("it must be true or false").
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from broker_sim.contract import limits
from broker_sim.contract.kinds import Kind

_BLANKS: Final = " \t\r\n"

# Writing

_QUOTED: Final = msgspec.json.Encoder().encode  # "2026-01-25T08:07:29.123000Z"
_WHOLE_SECOND: Final = len('"2026-01-25T08:07:29Z"')  # it has no fraction then

# Finds the first character of a text that cannot stand between two tags as it is.
_special: Final = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").search
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").search


def write_text(value: str) -> str:
    """Escape a text.

    Raises:
        ValueError: it holds a character that XML cannot carry; such are refused at the doors.

    Source: SESS-4.
    """
    if _special(value) is None:
        return value
    if _FORBIDDEN(value) is not None:
        msg = "a text holds a character that XML forbids"
        raise ValueError(msg)
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # written plainly, a carriage return would be read back as a line feed
    return value.replace("\r", "&#13;")


def write_name(value: str) -> str:
    """Escape a name, which has 1 to 255 characters.

    Raises:
        ValueError: it is of another length, or see `write_text`.
    """
    if not 0 < len(value) <= limits.NAME_MAX:
        msg = f"a name has {len(value)} characters"
        raise ValueError(msg)
    return write_text(value)


def write_instant(value: datetime) -> str:
    """Write an instant in UTC, with milliseconds: 2026-01-25T08:07:29.123Z.

    Raises:
        ValueError: it has no time zone.
    """
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            msg = "an instant without a time zone"
            raise ValueError(msg)
        value = value.astimezone(UTC)
    written = _QUOTED(value).decode("ascii")  # a third of the time that isoformat takes
    return f"{written[1:24]}Z" if len(written) > _WHOLE_SECOND else f"{written[1:20]}.000Z"


def write_instants(values: Sequence[datetime]) -> list[str]:
    """Write each as `write_instant` does; of many at once, in two thirds of its time.

    Raises:
        ValueError: see `write_instant`.
    """
    if not values or [value for value in values if value.tzinfo is not UTC]:
        return [write_instant(value) for value in values]
    return [
        f"{written[1:24]}Z" if len(written) > _WHOLE_SECOND else f"{written[1:20]}.000Z"
        for written in _QUOTED(values).decode("ascii")[1:-1].split(",")
    ]


def write_binary(value: bytes) -> str:
    """Write bytes in base64, on one line."""
    return binascii.b2a_base64(value, newline=False).decode("ascii")


# Reading

_WHOLE: Final = re.compile(r"([+-]?)([0-9]++)", re.ASCII)
_INSTANT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d++))?(?:(Z)|([+-])(\d\d):(\d\d))?",
    re.ASCII,
)
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_DIGITS_MAX: Final = 19  # of a 64-bit number


def read_text(text: str) -> str:
    """Read a text of at most 100,000 characters. Source: SESS-4."""
    if len(text) > limits.TEXT_MAX:
        msg = f"it must have at most {limits.TEXT_MAX} characters"
        raise ValueError(msg)
    return text


def read_name(text: str) -> str:
    """Read a text of 1 to 255 characters."""
    if not 0 < len(text) <= limits.NAME_MAX:
        msg = f"it must have 1 to {limits.NAME_MAX} characters"
        raise ValueError(msg)
    return text


def read_flag(text: str) -> bool:
    """Read true, false, 1 or 0."""
    flag = _FLAGS.get(text.strip(_BLANKS))
    if flag is None:
        msg = "it must be true or false"
        raise ValueError(msg)
    return flag


def read_instant(text: str) -> datetime:
    """Read an instant: UTC where no zone is named, rounded up to the next millisecond.

    Rounding up keeps half-open ranges right: no instant of the broker lies between the two.
    24:00:00 is the midnight that ends the day.
    """
    found = _INSTANT.fullmatch(text.strip(_BLANKS))
    if found is None:
        msg = "it must be a date and time such as 2026-01-25T08:07:29.123Z"
        raise ValueError(msg)
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
    fraction, _utc, sign, zone_hours, zone_minutes = found.group(7, 8, 9, 10, 11)
    ends_the_day = hour == 24 and not minute and not second and not (fraction or "").strip("0")
    try:
        whole = datetime(year, month, day, 0 if ends_the_day else hour, minute, second, tzinfo=UTC)
        past = timedelta(days=ends_the_day, milliseconds=_milliseconds(fraction or ""))
        return whole + past - _offset(sign, zone_hours, zone_minutes)
    except (ValueError, OverflowError):
        msg = "it must be a date and time that exists, in the years 1 to 9999"
        raise ValueError(msg) from None


def _milliseconds(fraction: str) -> int:
    """Turn the digits behind the point into milliseconds, rounded up."""
    return int(fraction[:3].ljust(3, "0")) + bool(fraction[3:].strip("0"))


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> timedelta:
    if sign is None:
        return timedelta(0)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if offset > timedelta(hours=14) or int(minutes or 0) > 59:
        raise ValueError
    return -offset if sign == "-" else offset


def read_binary(text: str) -> bytes:
    """Read base64; blanks and line ends in it do not count."""
    try:
        return binascii.a2b_base64("".join(text.split()).encode("ascii"), strict_mode=True)
    except (ValueError, UnicodeEncodeError):
        msg = "it must be base64"
        raise ValueError(msg) from None


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Make a reader of whole numbers in [least, most], both ends included."""

    def read(text: str) -> int:
        found = _WHOLE.fullmatch(text.strip(_BLANKS))
        if found is None:
            msg = "it must be a whole number"
            raise ValueError(msg)
        digits = found[2].lstrip("0") or "0"
        value = int(found[1] + digits) if len(digits) <= _DIGITS_MAX else None
        if value is None or not least <= value <= most:
            msg = f"it must be a whole number from {least} to {most}"
            raise ValueError(msg)
        return value

    return read


def one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    """Make a reader of a few words."""
    known = frozenset(words)

    def read(text: str) -> str:
        if text not in known:
            msg = f"it must be one of {', '.join(words)}"
            raise ValueError(msg)
        return text

    return read


_INT_MAX: Final = 2**31 - 1
_LONG_MAX: Final = 2**63 - 1

READERS: Final[dict[Kind, Callable[[str], object]]] = {
    Kind.TEXT: read_text,
    Kind.NAME: read_name,
    Kind.ID: whole_number(1, _LONG_MAX),
    Kind.COUNT: whole_number(0, _INT_MAX),
    Kind.POSITION: whole_number(0, _LONG_MAX),
    Kind.SECONDS: whole_number(0, _INT_MAX),
    Kind.MINUTES: whole_number(0, _INT_MAX),
    Kind.BYTES: whole_number(0, _LONG_MAX),
    Kind.FLAG: read_flag,
    Kind.INSTANT: read_instant,
    Kind.BINARY: read_binary,
}
