"""A history in short lines, for people: what was done, when, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from conformance.bench import RIGHT, WRONG
from conformance.history import Break, Writer, veiled
from conformance.patterns import told

_WORDS: Final = {RIGHT: "right", WRONG: "wrong"}
_WIDTH: Final = 64
_ABOUT: Final = ("name", "version", "service")
_MARKS: Final[Mapping[str, Callable[[Any], str]]] = {
    "$ref": lambda path: f"@{path[0]}",
    "$new": str,
    "$at": lambda milliseconds: f"t={clock(timedelta(milliseconds=milliseconds))}",
    "$bytes": lambda text: f"bytes {text[:12]}",
}
# What is told of an answer of the control API.
_TOLD: Final = frozenset({"status", "fault", "error", "broken", "sessionId", "keyVersion"})
# What every history begins with, and nobody needs to be told at length.
_SET_UP: Final = frozenset({"subPortals", "hardLockouts", "password", "act", "sessionId"})


@dataclass(frozen=True, slots=True)
class Line:
    """One or more equal steps."""

    number: int
    at: str
    done: str
    came: str
    times: int = 1

    @property
    def what(self) -> str:
        """What was done, and how often."""
        return self.done if self.times == 1 else f"{self.done} x{self.times}"


def lines(broken: Break) -> tuple[Line, ...]:
    """Tell a history; equal steps behind each other are one line."""
    writer = Writer(broken.history)
    found: list[Line] = []
    for step in broken.history.steps:
        arguments = writer.plain(step.arguments)
        done = _done(step.verb, arguments, step.at)
        came = _came(step.verb, _words(writer.plain(veiled(step.outcome))))
        last = found[-1] if found else None
        if last is not None and (last.done, last.came, last.at) == (done, came, clock(step.at)):
            found[-1] = Line(last.number, last.at, done, came, last.times + 1)
        else:
            found.append(Line(step.number, clock(step.at), done, came))
    return tuple(found)


def _came(verb: str, outcome: Mapping[str, Any]) -> str:
    """Say an outcome; of the control API's only what later steps may use."""
    if not outcome or (verb == "advance" and "gives" in outcome):
        return ""
    if verb == "control":
        outcome = {key: value for key, value in outcome.items() if key in _TOLD}
    return _short(told(outcome, 400))


def clock(at: timedelta) -> str:
    """Tell virtual time since the start: 04:59.999, 1:20:00 or 90 d 0:00:00.001."""
    if at < timedelta(0):
        return f"-{clock(-at)}"
    rest, milliseconds = divmod(at // timedelta(milliseconds=1), 1000)
    minutes, seconds = divmod(rest, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    text = f"{minutes:02}:{seconds:02}"
    if hours or days:
        text = f"{days} d {hours}:{text}" if days else f"{hours}:{text}"
    return text + (f".{milliseconds:03}" if milliseconds else "")


def _done(verb: str, arguments: Mapping[str, Any], at: timedelta) -> str:
    if verb == "call":
        rest = {key: value for key, value in arguments.items() if key not in _ABOUT}
        version = ", SOAP 1.2" if arguments.get("version") == "1.2" else ""
        service = arguments.get("service", "Sessions")
        name = arguments["name"] if service == "Sessions" else f"{service}.{arguments['name']}"
        return f"{name}({_listed(rest)}{version})"
    if verb == "advance":
        return f"clock {_span(arguments['to'], at)}"
    if verb == "control":
        return _control(arguments)
    return f"{verb}({_listed(arguments)})"


def _span(to: Mapping[str, int], at: timedelta) -> str:
    span = timedelta(milliseconds=to["$at"]) - at
    if span < timedelta(minutes=10):
        return f"+{span / timedelta(seconds=1):g} s"
    return f"+{clock(span)}".removesuffix(" 0:00:00")


def _control(arguments: Mapping[str, Any]) -> str:
    path, body = arguments["path"], arguments.get("body") or {}
    if path == ["acts"]:
        rest = {key: value for key, value in body.items() if key not in _SET_UP}
        subject = [_value(body["sessionId"])] if "sessionId" in body else []
        said = ", ".join([*subject, *([_listed(rest)] if rest else [])])
        return f"act {body['act']}({said})"
    rest = {key: value for key, value in body.items() if key not in _SET_UP}
    place = "/".join(map(_value, path))
    hard = " with hard lockouts" if body.get("hardLockouts") else ""
    return f"{arguments['method']} {place} {_listed(rest)}".rstrip() + hard


def _listed(arguments: Mapping[str, Any]) -> str:
    said = {key: value for key, value in arguments.items() if value is not None}
    return _short(", ".join(_named(key, value) for key, value in said.items()))


def _named(key: str, value: Any) -> str:
    plain = key in ("username", "password", "connection_id", "session_id", "name", "portal")
    return _value(value) if plain else f"{key}={_value(value)}"


def _value(value: Any) -> str:
    words = _words(value)
    if isinstance(words, str):
        return _WORDS.get(words, words)
    return told(words, _WIDTH)


class _Word(str):
    """A text that is told without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _words(value: Any) -> Any:
    """Put words in the place of marks."""
    if isinstance(value, list):
        return [_words(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    mark = next(iter(value), "")
    if mark in _MARKS:
        return _Word(_MARKS[mark](value[mark]))
    return {key: _words(each) for key, each in value.items()}


def _short(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 4]} ..."
