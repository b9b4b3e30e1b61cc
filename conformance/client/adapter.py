"""How a client is started: an adapter says what goes into arguments, environment and files.

Placeholders stand in braces: `{wsdl}`. What a client lacks its adapter leaves out; a case that
needs it is then not tried. `docs/client-suite.md` tells all words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

VERBS: Final = ("watch", "fetch", "schedule", "multi")
OPTIONS: Final = ("interval", "channels", "decompress", "ca", "proxy", "security_key")
WORDS: Final = frozenset(
    {
        *("wsdl", "url", "username", "password", "archive", "state", "folder"),
        *("wsdl2", "url2", "username2", "password2", "archive2", "state2"),
        *("interval", "channels", "ca", "proxy", "security_key", "from", "to", "schedule"),
    }
)
PLAIN: Final = "plain"
WALL: Final = "wall"
_KEYS: Final = frozenset({"command", "start", "verbs", "options", "observe", "faketime"})
_PARTS: Final = frozenset({"arguments", "environment", "files"})
_OBSERVED: Final = frozenset({"archive", "database", "query", "command"})
_PLACE: Final = re.compile(r"\{([a-z_0-9]+)\}")


class BadAdapter(ValueError):  # noqa: N818  # told in words, not our error
    """The adapter is wrong; the message names every mistake."""


class Unsupported(Exception):  # noqa: N818  # a finding, not our error
    """The client does not have what a case needs; the message says what."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one verb or option adds to a start."""

    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observe:
    """Where to see what a client has stored, besides its archive folder.

    Attributes:
        archive: whether `{archive}` holds `Session_<id>.zip` or folders of that name.
        database: a file of SQLite; `query` gives the ids, one a row.
        command: prints the ids.
    """

    archive: bool = True
    database: str = ""
    query: str = ""
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a client, placeholders filled in."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Adapter:
    """How a client is started and watched.

    Attributes:
        text: the file it came from, so that a record can carry it.
        command: the client, before all arguments.
        common: what every start has.
        faketime: whether the client's time may be moved by it; "wall" for the time of day alone.
    """

    text: str
    command: tuple[str, ...]
    common: Part
    verbs: Mapping[str, Part]
    options: Mapping[str, Part]
    observe: Observe
    faketime: bool | str = True

    def lacking(self, verb: str, options: Iterable[str] = ()) -> str | None:
        """Say what of this the client does not have; None if it has all."""
        if verb not in self.verbs:
            return f"the adapter has no verb {verb!r}"
        lacking = [repr(name) for name in options if name not in self.options]
        return f"the adapter has no option {', '.join(lacking)}" if lacking else None

    def start(self, verb: str, options: Sequence[str], values: Mapping[str, str]) -> Start:
        """Fill in one start.

        Raises:
            Unsupported: the adapter has no such verb or option.
        """
        lacking = self.lacking(verb, options)
        if lacking is not None:
            raise Unsupported(lacking)
        parts = [self.common, self.verbs[verb], *(self.options[name] for name in options)]
        arguments = [filled(each, values) for part in parts for each in part.arguments]
        environment: dict[str, str] = {}
        files: dict[str, str] = {}
        for part in parts:
            environment |= {name: filled(text, values) for name, text in part.environment.items()}
            for name, text in part.files.items():
                # what several parts say of one file stands in it one after the other
                files[name] = files.get(name, "") + filled(text, values)
        command = tuple(filled(each, values) for each in self.command)
        return Start((*command, *arguments), environment, files)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of placeholders; one without a value becomes empty."""
    return _PLACE.sub(lambda found: values.get(found[1], ""), text)


def shipped() -> tuple[str, ...]:
    """Give the names of the adapters that come with the suite."""
    folder = resources.files("conformance.client") / "adapters"
    return tuple(sorted(each.name.removesuffix(".toml") for each in folder.iterdir()))


def read(name: str, command: Sequence[str] = ()) -> Adapter:
    """Read an adapter: a file, or one that comes with the suite by its name.

    Raises:
        BadAdapter: it cannot be read, or something in it is wrong.
    """
    if name in shipped():
        text = (resources.files("conformance.client") / "adapters" / f"{name}.toml").read_text()
    else:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except OSError as error:
            msg = f"{name}: {error.strerror}; adapters that come along: {', '.join(shipped())}"
            raise BadAdapter(msg) from error
        except UnicodeDecodeError as error:
            msg = f"{name}: no TOML: it is not in UTF-8"
            raise BadAdapter(msg) from error
    return parsed(text, command, name)


def parsed(text: str, command: Sequence[str] = (), name: str = "adapter") -> Adapter:
    """Read an adapter from its text; `command` comes before the one that it names.

    Raises:
        BadAdapter: something in it is wrong; every mistake is named.
    """
    try:
        told = tomllib.loads(text)
    except ValueError as error:
        msg = f"{name}: no TOML: {error}"
        raise BadAdapter(msg) from error
    # Of values of another kind nothing more can be said.
    wrong = [*_other_kinds(told)] or [*_mistakes(told)]
    if not (command or told.get("command")):
        wrong.append("no command: say it behind --")
    if wrong:
        msg = f"{name}: {'; '.join(wrong)}"
        raise BadAdapter(msg)
    observe = dict(told.get("observe", {}))
    observe["command"] = tuple(map(str, observe.get("command", ())))
    return Adapter(
        text,
        tuple(command) or tuple(map(str, told["command"])),
        _part(told.get("start", {})),
        MappingProxyType({verb: _part(part) for verb, part in told["verbs"].items()}),
        MappingProxyType({each: _part(part) for each, part in told.get("options", {}).items()}),
        Observe(**observe),
        told.get("faketime", True),
    )


def _other_kinds(told: Mapping[str, Any]) -> Iterable[str]:
    """Name each value that is of another kind than it must be: a text where a list is wanted."""
    tables = {name: told.get(name, {}) for name in ("start", "verbs", "options", "observe")}
    yield from (f"{name} is no table" for name, each in tables.items() if not _is_table(each))
    if not _are_words(told.get("command", [])):
        yield "command is no list of words"
    parts = {"start": tables["start"]}
    for name in ("verbs", "options"):
        rows = tables[name] if _is_table(tables[name]) else {}
        parts |= {f"{name}.{each}": part for each, part in rows.items()}
    for name, part in parts.items():
        yield from _other_kinds_of_part(name, part)
    observe = tables["observe"] if _is_table(tables["observe"]) else {}
    if not isinstance(observe.get("archive", True), bool):
        yield "observe.archive is neither true nor false"
    for key in ("database", "query"):
        if not isinstance(observe.get(key, ""), str):
            yield f"observe.{key} is no text"
    if not _are_words(observe.get("command", [])):
        yield "observe.command is no list of words"


def _other_kinds_of_part(name: str, part: Any) -> Iterable[str]:
    if not _is_table(part):
        if name != "start":  # of which it is told above
            yield f"{name} is no table"
        return
    if not _are_words(part.get("arguments", [])):
        yield f"{name}.arguments is no list of words"
    for key in ("environment", "files"):
        texts = part.get(key, {})
        if not (_is_table(texts) and _are_words(list(texts.values()))):
            yield f"{name}.{key} is no table of texts"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str | int | float) for each in value)


def _mistakes(told: Mapping[str, Any]) -> Iterable[str]:
    yield from (f"unknown key {key!r}" for key in sorted(told.keys() - _KEYS))
    if told.get("faketime", True) not in (True, False, WALL):
        yield f"faketime is true, false or {WALL!r}"
    verbs, options = told.get("verbs", {}), told.get("options", {})
    if not verbs:
        yield "no [verbs.watch] or [verbs.fetch]"
    yield from (f"unknown verb {each!r}" for each in sorted(verbs.keys() - set(VERBS)))
    yield from (f"unknown option {each!r}" for each in sorted(options.keys() - set(OPTIONS)))
    observed = told.get("observe", {}).keys() - _OBSERVED
    yield from (f"unknown key observe.{key}" for key in sorted(observed))
    parts = {"start": told.get("start", {}), **verbs, **options}
    for name, part in parts.items():
        yield from (f"{name}: unknown key {key!r}" for key in sorted(part.keys() - _PARTS))
        used = set(_PLACE.findall(str(part)))
        yield from (f"{name}: unknown placeholder {{{word}}}" for word in sorted(used - WORDS))


def _part(told: Mapping[str, Any]) -> Part:
    return Part(
        tuple(map(str, told.get("arguments", ()))),
        MappingProxyType({key: str(text) for key, text in told.get("environment", {}).items()}),
        MappingProxyType({key: str(text) for key, text in told.get("files", {}).items()}),
    )
