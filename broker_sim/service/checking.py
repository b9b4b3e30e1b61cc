"""Single values of a fault rule, each checked; a mistake is named with what was wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from broker_sim.contract import faults, limits
from broker_sim.contract.kinds import Field, Kind, Operation
from broker_sim.core.effects import Refuse

Given: TypeAlias = Mapping[str, Any]
SHORT: Final = 255
_NEEDED: Final = object()
_LEAST: Final = {Kind.ID: 1}
_MOST: Final = {Kind.ID: 2**63 - 1, Kind.POSITION: 2**63 - 1, Kind.BYTES: 2**63 - 1}
_FIELD_VALUE: Final = re.compile(r"[\x20-\x7e]{1,200}")


def wrong(name: str, clause: str) -> ValueError:
    """Say what is wrong with a field."""
    return ValueError(f"{name!r} {clause}")


def _said(given: Given, name: str, default: Any, clause: str) -> Any:
    value = given.get(name)
    if value is not None:
        return value
    if default is _NEEDED:
        raise wrong(name, clause)
    return default


def text(given: Given, name: str, default: Any = _NEEDED) -> Any:
    """Give a text of 1 to 1000 characters."""
    clause = "must be a text"
    value = _said(given, name, default, clause)
    if value is not default and not (isinstance(value, str) and 0 < len(value) <= 1000):
        raise wrong(name, clause)
    return value


def short(given: Given, name: str, default: Any = _NEEDED) -> str:
    """Give a name that may stand in a URL's path."""
    value = text(given, name, default)
    # "." and ".." are steps of a path, which clients take before they send it
    if value in {".", ".."} or not re.fullmatch(r"[A-Za-z0-9._-]{1,63}", value):
        raise wrong(name, "must have 1 to 63 letters, digits, dots, dashes or underscores")
    return str(value)


def header(given: Given, name: str, default: Any = _NEEDED) -> Any:
    """Give what may stand in a header field."""
    value = text(given, name, default)
    if not _FIELD_VALUE.fullmatch(value):
        raise wrong(name, "must have 1 to 200 plain characters")
    return value


def flag(given: Given, name: str, default: Any = _NEEDED) -> Any:
    """Give true or false."""
    clause = "must be true or false"
    value = _said(given, name, default, clause)
    if value is not default and not isinstance(value, bool):
        raise wrong(name, clause)
    return value


def mapping(given: Given, name: str, default: Any = _NEEDED) -> Any:
    """Give an object."""
    clause = "must be an object of names and values"
    value = _said(given, name, default, clause)
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise wrong(name, clause)
    return value


def one_of(*words: Any) -> Callable[..., Any]:
    """Make a reader of a few words or numbers."""
    clause = f"must be one of {', '.join(map(str, words))}"

    def read(given: Given, name: str, default: Any = _NEEDED) -> Any:
        value = _said(given, name, default, clause)
        if isinstance(value, bool) or not isinstance(value, (str, int)) or value not in words:
            raise wrong(name, f"{clause}; not {value!r}")
        return value

    return read


def whole(least: int, most: int) -> Callable[..., Any]:
    """Make a reader of whole numbers in [least, most], both ends included."""
    return _between(least, most, (int,), "a whole number")


def number(least: float, most: float) -> Callable[..., Any]:
    """Make a reader of numbers in [least, most], both ends included."""
    return _between(least, most, (int, float), "a number")


def _between(
    least: float, most: float, types: tuple[type[int | float], ...], what: str
) -> Callable[..., Any]:
    clause = f"must be {what} from {least} to {most}"

    def read(given: Given, name: str, default: Any = _NEEDED) -> Any:
        value = _said(given, name, default, clause)
        if value is default:
            return value
        if isinstance(value, bool) or not isinstance(value, types) or not least <= value <= most:
            raise wrong(name, f"{clause}; not {value!r}")
        return value

    return read


def refuse(code: str, fields: Given, covered: Sequence[Operation]) -> Refuse:
    """Give the effect of a fault that one of these operations can answer."""
    possible = {
        fault.code: fault for operation in covered for fault in (*operation.faults, *faults.ALWAYS)
    }
    if code not in possible:
        answers = ", ".join(sorted(possible)) or "none: a download has no faults, try a status"
        raise wrong(
            "code", f"must be a fault that the operation can answer ({answers}); not {code!r}"
        )
    known = {one.wire: one for one in possible[code].extra}
    for name in fields:
        if name not in known:
            has = ", ".join(known) or "none"
            raise wrong(f"fields.{name}", f"is no field of {code}; it has {has}")
    return Refuse(code, {known[name].name: _value(known[name], fields[name]) for name in fields})


def _value(one: Field, value: Any) -> Any:
    """Read the value of a fault's field."""
    name, kind = f"fields.{one.wire}", one.type
    if kind is Kind.INSTANT:
        return _instant(name, value)
    if kind in {Kind.TEXT, Kind.NAME}:
        most = limits.NAME_MAX if kind is Kind.NAME else 1000
        if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= most:
            raise wrong(name, f"must be a text of 1 to {most} printable characters")
        return value
    assert isinstance(kind, Kind)
    return whole(_LEAST.get(kind, 0), _MOST.get(kind, 2**31 - 1))({name: value}, name)


def _instant(name: str, value: Any) -> datetime:
    try:
        read = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as problem:
        raise wrong(name, "must be an instant like 2026-01-25T08:07:29Z") from problem


def fields_shown(effect: Refuse) -> dict[str, Any]:
    """Give a fault's said fields by their wire names, instants as texts."""
    known = {one.name: one.wire for one in faults.BY_CODE[effect.code].extra}
    return {
        known[name]: value.isoformat() if isinstance(value, datetime) else value
        for name, value in effect.fields.items()
    }
