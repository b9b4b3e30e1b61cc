"""What an answer may look like: allowed outcomes as data, so that a history can carry them.

A plain value allows itself. A mapping allows every mapping that has at least its keys with
allowed values. A list allows a list of the same length. The classes below allow more. An
outcome of a call is `{"gives": value}`, `{"fault": code, "fields": {...}}` or
`{"broken": sentence}`; that of a plain HTTP exchange has a `status`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

# How a short line ends that is cut.
CUT: Final = " ..."

Pattern: TypeAlias = Any  # a plain value, a mapping, a list or one of the classes below


@dataclass(frozen=True, slots=True)
class Anything:
    """Every value but absence."""

    named: str = "anything"

    def allows(self, value: Any) -> bool:
        """Allow all but None."""
        return value is not None

    def told(self) -> str:
        """Say it by its name."""
        return self.named


@dataclass(frozen=True, slots=True)
class Between:
    """Every number or instant in [low, high], both ends included."""

    low: Any
    high: Any

    def allows(self, value: Any) -> bool:
        """Allow what lies between."""
        return type(value) in (int, float, datetime) and bool(self.low <= value <= self.high)

    def told(self) -> str:
        """Say both ends."""
        return f"{_told(self.low)} to {_told(self.high)}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """What any of the options allows."""

    options: tuple[Pattern, ...]

    def allows(self, value: Any) -> bool:
        """Allow what one of them does."""
        return any(allows(option, value) for option in self.options)

    def told(self) -> str:
        """Say all of them."""
        return " or ".join(map(_told, self.options))


@dataclass(frozen=True, slots=True)
class Unordered:
    """A list with exactly these items, in any order."""

    items: tuple[Pattern, ...]

    def allows(self, value: Any) -> bool:
        """Allow it if every item finds a partner of its own."""
        if not isinstance(value, Sequence) or len(value) != len(self.items):
            return False
        rest = list(value)
        for item in self.items:
            found = next((n for n, each in enumerate(rest) if allows(item, each)), None)
            if found is None:
                return False
            del rest[found]
        return True

    def told(self) -> str:
        """Say the items."""
        return f"in any order [{', '.join(map(_told, self.items))}]"


@dataclass(frozen=True, slots=True)
class InOrder:
    """A list in which such items stand in this order, others between them or not."""

    items: tuple[Pattern, ...]

    def allows(self, value: Any) -> bool:
        """Allow it if the items are found one behind the other."""
        if not isinstance(value, Sequence):
            return False
        rest = iter(value)
        return all(any(allows(item, each) for each in rest) for item in self.items)

    def told(self) -> str:
        """Say the items."""
        return f"in order ... {' ... '.join(map(_told, self.items))} ..."


@dataclass(frozen=True, slots=True)
class Holding:
    """A list with at least one item as given, or a text that contains the text given."""

    item: Pattern

    def allows(self, value: Any) -> bool:
        """Allow it if the item is somewhere in it."""
        if isinstance(value, str):
            return isinstance(self.item, str) and self.item in value
        return isinstance(value, Sequence) and any(allows(self.item, each) for each in value)

    def told(self) -> str:
        """Say the item."""
        return f"something with {_told(self.item)}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """A list of so many items or fewer."""

    length: int

    def allows(self, value: Any) -> bool:
        """Allow it if it is not longer."""
        return isinstance(value, list) and len(value) <= self.length

    def told(self) -> str:
        """Say the length."""
        return f"at most {self.length} items"


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but this."""

    pattern: Pattern

    def allows(self, value: Any) -> bool:
        """Allow what the pattern does not."""
        return not allows(self.pattern, value)

    def told(self) -> str:
        """Say the pattern."""
        return f"anything but {_told(self.pattern)}"


_KINDS: Final = (Anything, AtMost, Between, OneOf, Unordered, InOrder, Holding, Not)
CLASSES: Final = {kind.__name__: kind for kind in _KINDS}


def allows(pattern: Pattern, value: Any) -> bool:
    """Tell whether `value` is one of those that `pattern` describes."""
    if isinstance(pattern, _KINDS):
        return pattern.allows(value)
    if isinstance(pattern, Mapping):
        return isinstance(value, Mapping) and all(
            key in value and allows(wanted, value[key]) for key, wanted in pattern.items()
        )
    if isinstance(pattern, (list, tuple)):
        same = isinstance(value, (list, tuple)) and len(pattern) == len(value)
        return same and all(map(allows, pattern, value))
    return type(value) is type(pattern) and bool(value == pattern)


def gives(value: Pattern = None) -> Pattern:
    """Allow an answer that gives `value`; without one, an empty answer."""
    return {"gives": value}


def fault(code: str, **fields: Pattern) -> Pattern:
    """Allow a fault of this code whose typed fields, by Python name, are as given."""
    return {"fault": code, "fields": fields}


def http(low: int, high: int | None = None, **more: Pattern) -> Pattern:
    """Allow an HTTP answer whose status lies in [low, high]."""
    return {"status": low if high is None else Between(low, high), **more}


def told(value: Any, width: int = 160) -> str:
    """Say a pattern, an outcome or a value in one short line."""
    text = _told(value)
    return text if len(text) <= width else f"{text[: width - len(CUT)]}{CUT}"


def _told(value: Any) -> str:
    if isinstance(value, _KINDS):
        return value.told()
    if isinstance(value, Mapping):
        return _told_mapping(dict(value))
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_told, value))}]"
    return repr(value)


def _told_mapping(value: dict[str, Any]) -> str:
    if "status" in value and not isinstance(value["status"], str):
        rest = {key: each for key, each in value.items() if key != "status"}
        return " ".join((f"HTTP {_told(value['status'])}", *_pairs(rest)))
    if "fault" in value:
        return " ".join(("Fault", str(value["fault"]), *_pairs(value.get("fields") or {})))
    if "gives" in value:
        return "an empty answer" if value["gives"] is None else f"gives {_told(value['gives'])}"
    if "broken" in value:
        return f"no proper answer: {value['broken']}"
    return "{" + ", ".join(_pairs(value)) + "}"


def _pairs(fields: Mapping[str, Any]) -> list[str]:
    return [f"{name}={_told(value)}" for name, value in fields.items()]
