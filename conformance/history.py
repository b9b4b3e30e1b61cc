"""What was done and what came of it, so that it can be told, replayed and shortened.

A history holds real values while it is made. Written down, what a target made up itself
becomes a reference to the answer it came from, what the suite made up becomes a name, and an
instant becomes an offset from the start: so a history means the same on another target.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Final

from broker_sim.contract import limits
from conformance import patterns
from conformance.caller import Outcome

FORMAT: Final = "broker-conformance-history/1"

# What a `$` in a written history may stand before.
MARKS: Final = frozenset({"ref", "new", "at", "naive", "bytes", *patterns.CLASSES})

# Values that a target makes up and that are used again: by the key they stand under.
_HANDLES: Final = frozenset({"session_id", "sessionId", "url", "id", "code", "file"})

# Operations that give nothing but such a value.
_GIVE_HANDLES: Final = frozenset({"logon", "transferSession"})


# What stands under these names is told to nobody.
_SECRET: Final = frozenset({"key", "wrapped_key", "kdf_salt", "passphrase", "password"})


def veiled(value: Any) -> Any:
    """Give an outcome without the keys and passwords in it; of bytes only how many."""
    if isinstance(value, Mapping):
        return {name: "***" if name in _SECRET else veiled(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [veiled(each) for each in value]
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


def made_up(kind: str, tag: str) -> str:
    """Give a name of a kind; a representative's is an e-mail address."""
    return f"rep-{tag}@example.com" if kind == "rep" else f"{kind}-{tag}"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done: a verb, its arguments, and the outcome; `at` counts from the start."""

    number: int
    at: timedelta
    verb: str
    arguments: Mapping[str, Any]
    outcome: Outcome
    sent: bytes = b""
    received: bytes = b""


@dataclass(slots=True)
class History:
    """The steps of one example, from its start on; `names` has what the suite made up."""

    start: datetime
    steps: list[Step] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "History":
        """Give a history that later steps do not change."""
        return History(self.start, list(self.steps), dict(self.names))


@dataclass(frozen=True, slots=True)
class Break:
    """A rule broken at the last step of a history.

    Attributes:
        rule: which.
        allowed: every outcome that the rule allows there; empty if the message itself was at
            fault, whatever its content.
        expected: the same in words.
        received: in words.
    """

    rule: str
    history: History
    allowed: tuple[patterns.Pattern, ...]
    expected: str
    received: str

    @property
    def size(self) -> tuple[int, int]:
        """Tell how long it is; the smaller, the better for its reader."""
        told = sum(len(str(step.arguments)) for step in self.history.steps)
        return len(self.history.steps), told


class Writer:
    """Writes the values of one history as JSON can hold them."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._named = {value: name for name, value in history.names.items()}
        self._refs: dict[Any, list[Any]] = {}
        for step in history.steps:
            for path, value in _handles(step.outcome, step):
                self._refs.setdefault(value, [step.number, *path])

    def plain(self, value: Any) -> Any:
        """Write a value, a pattern or an outcome."""
        if isinstance(value, Mapping):
            return {key: self.plain(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.plain(each) for each in value]
        if type(value).__name__ in patterns.CLASSES:
            inner = {each.name: self.plain(getattr(value, each.name)) for each in fields(value)}
            return {f"${type(value).__name__}": inner}
        return self._marked(value)

    def _marked(self, value: Any) -> Any:
        """Write a single value; what JSON lacks, or what is known by a name, gets a mark."""
        if isinstance(value, datetime):
            if value.tzinfo is None:
                return {"$naive": value.isoformat()}
            return {"$at": (value - self._history.start) // timedelta(milliseconds=1)}
        if isinstance(value, bytes):
            return {"$bytes": base64.b64encode(value).decode("ascii")}
        if value is None or isinstance(value, (bool, float)):
            return value
        if value in self._named:
            return {"$new": self._named[value]}
        return {"$ref": self._refs[value]} if value in self._refs else value


def _handles(outcome: Any, step: Step) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if step.verb == "call" and step.arguments.get("name") in _GIVE_HANDLES:
        given = outcome.get("gives")
        if isinstance(given, (str, int)) and given:
            yield ("gives",), given
    yield from _named_handles(outcome, ())


def _named_handles(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            known = key in _HANDLES or path[-1:] == ("links",)
            if known and isinstance(each, (int, str)) and not _common(each):
                yield (*path, key), each
            else:
                yield from _named_handles(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _named_handles(each, (*path, number))


def _common(value: int | str) -> bool:
    """Tell whether a value could as well be a count or a word."""
    if isinstance(value, int):
        return value < 1_000_000
    return len(value) < 16 and not (len(value) == limits.CODE_DIGITS and value.isdecimal())


class Astray(Exception):  # noqa: N818  # a finding, not our error
    """A replay has left the recorded way: an answer lacks what a later step needs."""


@dataclass(slots=True)
class Reader:
    """Turns what was written back into values, against the answers of a new run."""

    start: datetime
    names: Mapping[str, str]
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def value(self, written: Any) -> Any:
        """Read a value.

        Raises:
            Astray: it refers to an answer that did not come.
        """
        if isinstance(written, list):
            return [self.value(each) for each in written]
        if not isinstance(written, Mapping):
            return written
        marks = [key for key in written if key.startswith("$")]
        if not marks:
            return {key: self.value(each) for key, each in written.items()}
        return self._marked(marks[0][1:], written[marks[0]])

    def _marked(self, mark: str, inner: Any) -> Any:
        match mark:
            case "ref":
                return self._referred(inner)
            case "new":
                return self.names[inner]
            case "at":
                return self.start + timedelta(milliseconds=inner)
            case "naive":
                return datetime.fromisoformat(inner)
            case "bytes":
                return base64.b64decode(inner)
        return self._pattern(mark, inner)

    def _pattern(self, mark: str, inner: Mapping[str, Any]) -> Any:
        kind = patterns.CLASSES[mark]
        values = {key: self.value(each) for key, each in inner.items()}
        for key in ("options", "items"):
            if key in values:
                values[key] = tuple(values[key])
        return kind(**values)

    def _referred(self, path: Sequence[Any]) -> Any:
        value: Any = self.outcomes.get(path[0])
        for key in path[1:]:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                msg = f"step {path[0]} was not answered as it was when this was recorded"
                raise Astray(msg) from None
        return value


def as_json(broken: Break, about: Mapping[str, Any]) -> str:
    """Write a broken rule with its history; `about` are further facts for its head."""
    writer = Writer(broken.history)
    last = broken.history.steps[-1] if broken.history.steps else None
    return json.dumps(
        {
            "format": FORMAT,
            "rule": broken.rule,
            **about,
            "names": sorted(broken.history.names),
            "steps": [_step(writer, step) for step in broken.history.steps],
            "broken": {
                "step": 0 if last is None else last.number,
                "allowed": writer.plain(broken.allowed),
                "expected": broken.expected,
                "received": broken.received,
            },
        },
        indent=1,
    )


def _step(writer: Writer, step: Step) -> dict[str, Any]:
    return {
        "number": step.number,
        "at_ms": step.at // timedelta(milliseconds=1),
        "verb": step.verb,
        "arguments": writer.plain(step.arguments),
        # Nobody reads it but people: a replay goes by what comes then.
        "outcome": writer.plain(veiled(step.outcome)),
    }
