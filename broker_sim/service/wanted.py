"""What a tester looks for in the journal: conditions on an exchange, and how one differs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, Self

from broker_sim.contract import ENDPOINTS
from broker_sim.core.provocation import Like
from broker_sim.service.seen import Seen

ANY: Final = "*"  # of a fault: one, whichever
NONE: Final = "none"  # of a fault: an answer without one
DOWNLOAD: Final = "download"
PAGE: Final = "page"
_OPERATORS: Final = frozenset({"contains", "like", "present", "oneOf"})
_STATUS: Final = re.compile("[0-9]{1,3}|[1-5]xx")
_TAKES: Final[Mapping[str, frozenset[str]]] = {
    operation.name: frozenset(
        one.wire
        for other in ENDPOINTS
        for same in other.operations
        if same.name == operation.name
        for one in same.takes
    )
    for endpoint in ENDPOINTS
    for operation in endpoint.operations
}


class Difference(NamedTuple):
    """One field of an exchange that is not as wanted."""

    field: str
    wanted: str
    given: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions on an exchange; None for any.

    Attributes:
        operation: its name on the wire, "download" or "page".
        door: a path, or its last part: "Sessions".
        method: of HTTP.
        login: whose connection it was.
        connection: by the journal's name for it.
        status: of HTTP, or a hundred of them: "4xx"; 0 for a connection that was cut.
        fault: a code, "*" for any fault, "none" for no fault.
        provoked: the id of a tester's rule that struck; "*" and "none" as above.
        arguments: by wire name; a value, or {"contains": TEXT}, {"like": PATTERN},
            {"present": BOOL}, {"oneOf": [VALUE, ...]}. A mapping of anything else looks into a
            record.

    Raises:
        ValueError: the contract has no such operation or argument, or a value cannot be.
    """

    operation: str | None = None
    door: str | None = None
    method: str | None = None
    login: str | None = None
    connection: str | None = None
    status: str | None = None
    fault: str | None = None
    provoked: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.operation is not None:
            known(self.operation, {*_TAKES, DOWNLOAD, PAGE}, "operation")
            for name in self.arguments:
                if self.operation in _TAKES:
                    known(name, _TAKES[self.operation], f"argument of {self.operation}")
        if self.status is not None and not _STATUS.fullmatch(self.status):
            msg = f"a status is like 200 or 4xx, not {self.status!r}"
            raise ValueError(msg)
        for value in self.arguments.values():
            _check(value)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Read conditions from a mapping, as the control API has them.

        Raises:
            ValueError: it names what cannot be asked for, or a value cannot be.
        """
        for name in given:
            known(name, CONDITIONS, "condition")
        said = {name: value for name, value in given.items() if value is not None}
        arguments = said.pop("arguments", {})
        if not isinstance(arguments, Mapping):
            msg = "'arguments' must be an object"
            raise ValueError(msg)
        return cls(arguments=arguments, **{name: _text(said[name], name) for name in said})

    def matches(self, seen: Seen) -> bool:
        """Tell whether an exchange is as wanted in every condition."""
        return next(self.differences(seen), None) is None

    def differences(self, seen: Seen) -> Iterator[Difference]:
        """Give each condition that the exchange does not meet."""
        for name in ("operation", "method", "login", "connection"):
            wanted, given = getattr(self, name), getattr(seen, name)
            if wanted is not None and wanted != given:
                yield Difference(name, wanted, text_of(given))
        if self.door is not None and self.door not in (seen.door, seen.door.rpartition("/")[2]):
            yield Difference("door", self.door, seen.door)
        if self.status is not None and not _is_status(self.status, seen.status):
            yield Difference("status", self.status, str(seen.status))
        codes = () if seen.fault is None else (seen.fault,)
        for name, wanted, given in (
            ("fault", self.fault, codes),
            ("provoked", self.provoked, seen.provoked),
        ):
            if wanted is not None and not _is_code(wanted, given):
                yield Difference(name, wanted, ", ".join(given) or NONE)
        for name, value in self.arguments.items():
            yield from _argument(f"arguments.{name}", value, seen.arguments.get(name))

    def conditions(self) -> int:
        """Count the conditions."""
        said = [getattr(self, one.name) for one in fields(self) if one.name != "arguments"]
        return len(self.arguments) + sum(value is not None for value in said)

    def __str__(self) -> str:
        """Say it in a line: "getSession with sessionId=5, fault none"."""
        said = [f"{name}={text_of(value)}" for name, value in self.arguments.items()]
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and one.name not in {"operation", "arguments"}:
                said.append(f"{one.name} {value}")
        what = self.operation or "exchange"
        return f"{what} with {', '.join(said)}" if said else what


CONDITIONS: Final = frozenset(one.name for one in fields(Wanted))


def text_of(value: Any) -> str:
    """Write a value as the wire and JSON do, for comparing and for showing."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}={text_of(one)}" for name, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(text_of, value))}]"
    return str(value)


def _text(value: Any, name: str) -> str:
    if isinstance(value, str) or (name == "status" and type(value) is int):
        return str(value)
    msg = f"{name!r} must be a text, not {value!r}"
    raise ValueError(msg)


def _argument(name: str, wanted: Any, given: Any) -> Iterator[Difference]:
    if isinstance(wanted, Mapping) and not _OPERATORS & wanted.keys():
        inside = given if isinstance(given, Mapping) else {}
        for one, value in wanted.items():
            yield from _argument(f"{name}.{one}", value, inside.get(one))
    elif not _fits(wanted, given):
        yield Difference(name, text_of(wanted), text_of(given))


def _fits(wanted: Any, given: Any) -> bool:
    if isinstance(wanted, Mapping):
        return all(_operator(name, value, given) for name, value in wanted.items())
    if isinstance(wanted, (list, tuple)):
        return (
            isinstance(given, (list, tuple))
            and len(wanted) == len(given)
            and all(
                next(_argument("", *pair), None) is None for pair in zip(wanted, given, strict=True)
            )
        )
    if isinstance(given, datetime) and isinstance(wanted, str):
        return _is_instant(wanted, given)
    return given is not None and text_of(wanted) == text_of(given)


def _operator(name: str, value: Any, given: Any) -> bool:
    match name:
        case "present":
            return (given is not None) is value
        case "contains":
            return given is not None and value in text_of(given)
        case "like":
            return given is not None and Like(value).fits(text_of(given))
        case _:
            return any(_fits(one, given) for one in value)


def _is_instant(wanted: str, given: datetime) -> bool:
    try:
        read = datetime.fromisoformat(wanted)
    except ValueError:
        return False
    return (read if read.tzinfo else read.replace(tzinfo=UTC)) == given


def _is_status(wanted: str, given: int) -> bool:
    return str(given)[0] == wanted[0] if wanted.endswith("xx") else str(given) == wanted


def _is_code(wanted: str, given: Sequence[str]) -> bool:
    return {ANY: bool(given), NONE: not given}.get(wanted, wanted in given)


def known(name: str, names: Collection[str], what: str) -> None:
    """Accept a name that there is.

    Raises:
        ValueError: there is none such; with the nearest that there is.
    """
    if name in names:
        return
    near = get_close_matches(name, sorted(names), 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(names)) or 'none'}"
    msg = f"there is no {what} {name!r}; {hint}"
    raise ValueError(msg)


def _check(value: Any) -> None:
    """Refuse a pattern or operator that cannot be."""
    if not isinstance(value, Mapping):
        return
    said = _OPERATORS & value.keys()
    if said and said != value.keys():
        other = next(iter(value.keys() - said))
        msg = f"an argument is asked for by {', '.join(sorted(_OPERATORS))}, not by {other!r}"
        raise ValueError(msg)
    kinds: dict[str, type | tuple[type, ...]] = {
        "contains": str,
        "like": str,
        "present": bool,
        "oneOf": (list, tuple),
    }
    for name, one in value.items():
        if name in said and not isinstance(one, kinds[name]):
            msg = f"{name!r} cannot take {one!r}"
            raise ValueError(msg)
        if name not in said:
            _check(one)
