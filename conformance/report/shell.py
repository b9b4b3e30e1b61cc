"""The steps of a history as a shell script that needs curl and sed, nothing else.

It does what can be said in one HTTP request each; steps that do several things at once are
named, and left to `broker-conformance replay`. The clock is set to the recorded start.
"""

import json
import re
import shlex
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from conformance import envelope
from conformance.caller import ALL_OPERATIONS
from conformance.control import instant
from conformance.history import Break, Step, Writer
from conformance.report.story import lines
from conformance.report.whole import struck
from conformance.target import Target

_MARKS: Final = frozenset({"$ref", "$at", "$new", "$bytes"})
# Which handles are numbers in JSON.
_NUMBERS: Final = frozenset({"session_id", "sessionId", "id"})
# What an argument of a call says of the call itself.
_ABOUT: Final = ("name", "version", "service")
_HEAD: Final = """#!/bin/sh
# {rule}: {sentence}
# expected  {expected}
# received  {received}
# Sets the clock of the target. Usage: TOKEN=... sh {rule}.sh [BASE [CONTROL]]
set -u
BASE=${{1:-{base}}}
CONTROL=${{2:-{control}}}
TOKEN=${{TOKEN:-}}
CURL="curl -sS{ca}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# take STEP NAME: what an earlier answer held under NAME, in XML or in JSON
take() {{
  sed -n -e "s/.*<[^/>]*$2>\\([^<]*\\)<.*/\\1/p" \\
    -e "s/.*\\"$2\\": *\\"\\{{0,1\\}}\\([^\\",}}]*\\).*/\\1/p" "$dir/$1" | head -n 1
}}
soap() {{ $CURL -H "$3" -H "$4" --data-binary @- "$BASE$2" > "$dir/$1"; cat "$dir/$1"; echo; }}
ask() {{ $CURL -X "$2" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  --data-binary @- "$CONTROL/_sim/$3" > "$dir/$1"; cat "$dir/$1"; echo; }}
tag=$$
"""


def script(broken: Break, target: Target, sentence: str) -> str:
    """Write the script."""
    ca = target.description.ca
    head = _HEAD.format(
        rule=broken.rule,
        sentence=_one_line(sentence),
        expected=_one_line(broken.expected),
        received=_one_line(struck(broken.received, broken)),
        base=target.http.base,
        control=target.description.control or "",
        ca="" if ca is None else f" --cacert {shlex.quote(str(ca))}",
    )
    start = {"mode": "frozen", "now": instant(broken.history.start)}
    first = _ask(0, "PUT", "clock", json.dumps(start)) if target.control is not None else ""
    told = {line.number: line for line in lines(broken)}
    body = []
    for step in broken.history.steps:
        if step.number in told:
            body.append(f"\necho '--- {step.number}' {shlex.quote(told[step.number].what)}\n")
        body.append(_Shell(broken, target).step(step))
    return head + first + "".join(body)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _document(text: str) -> str:
    """Write a text for a here-document; only what refers to other steps is the shell's."""
    for special in ("\\", "$", "`"):
        text = text.replace(special, f"\\{special}")
    text = re.sub('"@@number ([^@]*)@@"', r"$(take \1)", text)
    text = re.sub("@@(?:number|text) ([^@]*)@@", r"$(take \1)", text)
    text = re.sub("@@new (rep-[^@]*)@@", r"\1-$tag@example.com", text)
    return re.sub("@@new ([^@]*)@@", r"\1-$tag", text)


def _ask(number: int, method: str, path: str, body: str) -> str:
    return f'ask {number} {method} "{_document(path)}" <<EOF\n{_document(body)}\nEOF\n'


class _Shell:
    """Turns steps into commands; what the target made up becomes `$(take STEP NAME)`."""

    def __init__(self, broken: Break, target: Target) -> None:
        self._start = broken.history.start
        self._writer = Writer(broken.history)
        self._operations = {
            step.number: (
                str(step.arguments.get("service", "Sessions")),
                str(step.arguments.get("name")),
            )
            for step in broken.history.steps
            if step.verb == "call"
        }
        self._target = target

    def step(self, step: Step) -> str:
        """Give the commands of one step."""
        arguments = self._words(self._writer.plain(step.arguments))
        if step.verb == "call":
            return self._call(step.number, arguments)
        if step.verb == "control":
            path = "/".join(arguments["path"])
            query = arguments.get("query")
            path += f"?{urlencode(query)}" if query else ""
            body = json.dumps(arguments.get("body") or {})
            return _ask(step.number, arguments["method"], path, body)
        if step.verb == "advance":
            body = json.dumps({"to": arguments["to"]})
            return _ask(step.number, "POST", "clock/advance", body)
        if step.verb == "download":
            return f'$CURL -i "{_document(arguments["url"])}" | head -c 400; echo\n'
        return (
            f"echo {shlex.quote(f'(several calls: {step.verb}; use broker-conformance replay)')}\n"
        )

    def _call(self, number: int, arguments: Mapping[str, Any]) -> str:
        name, version = arguments["name"], arguments.get("version", "1.1")
        caller = self._target.service(arguments.get("service", "Sessions"))
        published = caller.published
        if name not in getattr(published.get(version), "shapes", {}):
            return "echo '(not published)'\n"
        shape = published[version].shapes[name]
        rest = {key: each for key, each in arguments.items() if key not in _ABOUT}
        body = envelope.write(ALL_OPERATIONS[caller.service][name], shape, rest, version).decode()
        kind, *more = envelope.headers(version, shape.action).items()
        action = f"{more[0][0]}: {more[0][1]}" if more else "Accept: application/soap+xml"
        frame = f"'{kind[0]}: {kind[1]}' '{action}'"
        return f"soap {number} {caller.path} {frame} <<EOF\n{_document(body)}\nEOF\n"

    def _words(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._words(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        mark = next(iter(value), "")
        if mark in _MARKS:
            return self._marked(mark, value[mark])
        return {key: self._words(each) for key, each in value.items()}

    def _marked(self, mark: str, inner: Any) -> str:
        if mark == "$ref":
            kind = "number" if inner[-1] in _NUMBERS else "text"
            return f"@@{kind} {inner[0]} {self._element(inner[0], inner[1:])}@@"
        if mark == "$at":
            return instant(self._start + timedelta(milliseconds=inner))
        return f"@@new {inner}@@" if mark == "$new" else str(inner)

    def _element(self, step: int, path: list[Any]) -> str:
        """Name the element or member in which an earlier answer holds a value."""
        if step not in self._operations:
            return str(path[-1])
        if path == ["gives"]:
            service, name = self._operations[step]
            return self._target.service(service).published["1.1"].shapes[name].result
        return _wire_name(path)


def _wire_name(path: list[Any]) -> str:
    head, *rest = str(path[-1]).split("_")
    return head + "".join(part.capitalize() for part in rest)
