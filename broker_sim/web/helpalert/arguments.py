"""The arguments of an operation of the Agents service, out of a JSON object by its wire names.

The lengths and forms are those of the SOAP door.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from broker_sim.contract import faults, limits
from broker_sim.contract.kinds import Choice, Field, Kind, Operation, Record
from broker_sim.core import access
from broker_sim.core.refusal import Refused

_ITEMS_MOST: Final = 100
# These come from the cookie and from the path.
_ELSEWHERE: Final = frozenset({"connection_id", "session_id"})


def read_json(body: bytes) -> Mapping[str, Any]:
    """Read a body that must be a JSON object; an empty one has no members.

    Raises:
        ValueError: it is something else, or nested too deeply.
    """
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        msg = "the body must be a JSON object"
        raise ValueError(msg)
    return found


def read(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the arguments by their Python names.

    Raises:
        Refused: InvalidArgument; one is missing or is not of its kind.
    """
    wanted = [field for field in operation.takes if field.name not in _ELSEWHERE]
    return _fields(wanted, given)


def text(field: str, value: Any, most: int = limits.TEXT_MAX, least: int = 0) -> str:
    """Accept a text that XML can carry, too.

    Raises:
        Refused: InvalidArgument; it is none, or has another length.
    """
    if not isinstance(value, str):
        raise _wrong(field, "it must be a text")
    if not least <= len(value) <= most:
        raise _wrong(field, f"it must have {least} to {most} characters")
    return access.check_text(field, value)


def _fields(wanted: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: _value(field, given.get(field.wire)) for field in wanted}


def _value(field: Field, value: Any) -> Any:
    if field.many:
        return _many(field, [] if value is None else value)
    if value is None:
        if field.optional:
            return None
        raise _wrong(field.wire, "it is missing")
    return _one(field, value)


def _many(field: Field, value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > _ITEMS_MOST:
        raise _wrong(field.wire, f"it must be a list of at most {_ITEMS_MOST}")
    return [_one(field, one) for one in value]


def _one(field: Field, value: Any) -> Any:
    match field.type:
        case Choice(words=words):
            if value not in words:
                raise _wrong(field.wire, f"it must be one of {', '.join(words)}")
            return value
        case Record(fields=inside):
            if not isinstance(value, Mapping):
                raise _wrong(field.wire, "each entry must be an object")
            return _fields(inside, value)
        case kind:
            return _KINDS[kind](field.wire, value)


def _name(field: str, value: Any) -> str:
    return text(field, value, limits.NAME_MAX, 1)


def _flag(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(field, "it must be true or false")
    return value


def _binary(field: str, value: Any) -> bytes:
    try:
        return binascii.a2b_base64(value.encode("ascii"), strict_mode=True)
    except (AttributeError, ValueError):
        raise _wrong(field, "it must be base64") from None


_KINDS: Final[Mapping[Kind, Callable[[str, Any], Any]]] = {
    Kind.TEXT: text,
    Kind.NAME: _name,
    Kind.FLAG: _flag,
    Kind.BINARY: _binary,
}


def _wrong(field: str, reason: str) -> Refused:
    return Refused(faults.INVALID_ARGUMENT, field=field, reason=reason)
