"""What is shown of a kept exchange: names of the wire, secrets struck out, long texts cut.

Source: REC-7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

from broker_sim.adapters.redaction import STRUCK_OUT, field_names, is_secret, redact, redact_value
from broker_sim.contract import ENDPOINTS
from broker_sim.contract.kinds import Field, Record
from broker_sim.service.seen import Exchange, Seen

_TEXT_MOST: Final = 300  # characters of an argument or a header
_ITEMS_MOST: Final = 50  # items of a list
_TAKES: Final[Mapping[tuple[str, str], Sequence[Field]]] = {
    (endpoint.path, operation.name): operation.takes
    for endpoint in ENDPOINTS
    for operation in endpoint.operations
}
_ANSWERED: Final = frozenset(
    {"allow", "content-range", "content-type", "etag", "retry-after", "x-frame-options"}
)
_DESCRIPTIONS: Final = frozenset({"wsdl", "wsdl12"})


# Whose connection a call was made on: its login, and the how manieth that the journal saw opened.
Who: TypeAlias = tuple[str | None, int | None]


class Entry(NamedTuple):
    """An exchange with the beginnings of its bodies, unredacted.

    Attributes:
        sizes: of request and response, uncut.
        weight: how many bytes of memory it takes, roughly.
    """

    number: int
    time: datetime
    exchange: Exchange
    who: Who
    sizes: tuple[int, int]
    weight: int


def shown(entry: Entry) -> Seen:
    """Give what may be shown of it."""
    exchange, (request_bytes, response_bytes) = entry.exchange, entry.sizes
    login, opened = entry.who
    return Seen(
        number=entry.number,
        time=entry.time,
        door=exchange.door,
        method=exchange.method,
        operation=exchange.operation,
        status=exchange.status,
        fault=exchange.fault,
        provoked=exchange.provoked,
        client=exchange.client,
        login=login,
        connection=None if opened is None else f"connection-{opened}",
        seconds=exchange.seconds,
        request_bytes=request_bytes,
        response_bytes=_first(exchange.response_bytes, response_bytes),
        bodies=lambda: (redact(exchange.request), redact(exchange.response)),
        **_redacted(exchange),
    )


def _redacted(exchange: Exchange) -> dict[str, Any]:
    """Give the parts in which a caller may have written anything."""
    answered = _answered(exchange)
    return {
        "path": redact_value(exchange.path, _TEXT_MOST),
        "query": _query(exchange.query),
        "asked": None if exchange.asked is None else redact_value(exchange.asked, _TEXT_MOST),
        "refusal": _refusal(exchange, answered),
        "arguments": _arguments(exchange),
        "ignored": tuple(_ignored(exchange)),
        "headers": {
            name: redact_value(value, _TEXT_MOST) for name, value in exchange.headers.items()
        },
        "answered": answered,
    }


def _first(said: int | None, counted: int) -> int:
    return counted if said is None else said


def _answered(exchange: Exchange) -> Mapping[str, str]:
    return {
        name.lower(): redact_value(value, _TEXT_MOST)
        for name, value in exchange.answered
        if name.lower() in _ANSWERED
    }


def _query(query: str) -> str:
    if query.lower().rstrip("=") in _DESCRIPTIONS:
        return query
    return "&".join(f"{name}={STRUCK_OUT}" for name in field_names(query))


def _refusal(exchange: Exchange, answered: Mapping[str, str]) -> str | None:
    """Give the sentence of a refusal: the broker's own, or what a plain answer says."""
    if exchange.refusal is not None:
        return redact_value(exchange.refusal, 2 * _TEXT_MOST)
    if exchange.status < 400 or not answered.get("content-type", "").startswith("text/plain"):
        return None
    lines = redact(exchange.response[: 2 * _TEXT_MOST]).strip().splitlines()
    return lines[0] if lines else None


def _ignored(exchange: Exchange) -> Iterator[str]:
    yield from (redact_value(name, _TEXT_MOST) for name in exchange.ignored)
    action = exchange.headers.get("soapaction", "").strip('" ')
    name = action.rpartition("/")[2].rpartition("#")[2]
    if exchange.operation is not None and name and name != exchange.operation:
        yield f"SOAPAction {redact_value(action, _TEXT_MOST)}"


def _arguments(exchange: Exchange) -> Mapping[str, Any]:
    given = exchange.arguments
    if not given:
        return {}
    takes = _TAKES.get((exchange.door, exchange.operation or ""))
    if takes is None:  # fields of a form go by their own names
        return {name: _value(name, value, None) for name, value in given.items()}
    return _record(takes, given)


def _record(fields: Sequence[Field], given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        field.wire: _value(field.wire, given[field.name], field)
        for field in fields
        if given.get(field.name) is not None
    }


def _value(name: str, value: Any, field: Field | None) -> Any:
    if is_secret(name):
        return STRUCK_OUT
    if isinstance(value, (list, tuple)):
        items = [_value(name, one, field) for one in value[:_ITEMS_MOST]]
        return items if len(value) <= _ITEMS_MOST else [*items, f"[{len(value)} in all]"]
    if isinstance(value, Mapping):
        inside = field.type.fields if field and isinstance(field.type, Record) else ()
        return _record(inside, value)
    if isinstance(value, str):
        return redact_value(value, _TEXT_MOST)
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    return value
