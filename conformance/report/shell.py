"""The steps of a history as a shell script that needs curl and sed, nothing else.

It does what can be said in one HTTP request each; steps that do several things at once are
named, and left to `broker-conformance replay`. The clock is set to the recorded start. In the end
nobody is left waiting or logged on; lent logins come from the environment and stand in no script.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from conformance import envelope
from conformance.caller import ALL_OPERATIONS
from conformance.control import instant
from conformance.history import Break, Step, Writer
from conformance.report.story import lines
from conformance.report.whole import struck
from conformance.target import LAUNCH_PATH, Target
from conformance.target_file import lent_names

_MARKS: Final = frozenset({"$ref", "$at", "$new", "$bytes"})
# Which handles are numbers in JSON.
_NUMBERS: Final = frozenset({"session_id", "sessionId", "id"})
# What an argument of a call says of the call itself.
_ABOUT: Final = ("name", "version", "service")
_HEAD: Final = """#!/bin/sh
# {rule}: {sentence}
# expected  {expected}
# received  {received}
# {usage}
set -u
BASE=${{1:-{base}}}
{settings}
dir=$(mktemp -d)
trap 'tidy >/dev/null 2>&1; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP
# take STEP NAME: what an earlier answer held under NAME, in XML or in JSON
take() {{
  sed -n -e "s/.*<[^/>]*$2>\\([^<]*\\)<.*/\\1/p" \\
    -e "s/.*\\"$2\\": *\\"\\{{0,1\\}}\\([^\\",}}]*\\).*/\\1/p" "$dir/$1" | head -n 1
}}
call() {{ curl -sS{ca} "$@"; }}
soap() {{ call -H "$3" -H "$4" --data-binary @- "$BASE$2" > "$dir/$1"; cat "$dir/$1"; echo; }}
form() {{
  step=$1 url=$2
  shift 2
  case $url in /*) url=$BASE$url ;; esac
  call -H "Accept: application/json" "$@" "$url" > "$dir/$step"; cat "$dir/$step"; echo
}}
tag=$$
"""
_CONTROL: Final = """CONTROL=${{2:-{control}}}
TOKEN=${{TOKEN:-}}"""
_ASK: Final = """ask() {
  : > "$dir/$1"
  status=$(call -X "$2" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
    --data-binary @- -o "$dir/$1" -w '%{http_code}' "$CONTROL/_sim/$3"); cat "$dir/$1"; echo
}
"""
_ALLOWED: Final = """case $status in
  2??) ;;
  *) echo "the control API at $CONTROL answers $status: is it there, is TOKEN right?" >&2; exit 1 ;;
esac
"""
_LENT: Final = """: "${{{name}:?is not set: it is the {what}}}"
{small}=$(printf '%s' "${name}" | sed 's/&/\\&amp;/g; s/</\\&lt;/g')"""
# Whose a lent login is, by its number.
_WHOSE: Final = ("first login", "second login", "login that may be locked", "representative")
# Acts by which a request comes to wait.
_POSTING: Final = frozenset({"post", "transfer"})


def script(broken: Break, target: Target, sentence: str) -> str:
    """Write the script."""
    shell = _Shell(broken, target)
    ca, control = target.description.ca, target.control is not None
    usage = "Sets the clock of the target. Usage: TOKEN=... sh {}.sh [BASE [CONTROL]]"
    if not control:
        needed = "".join(f"{_variable(name).upper()}=... " for name in shell.lent)
        usage = f"Usage: {needed}sh {{}}.sh [BASE]"
    head = _HEAD.format(
        rule=broken.rule,
        sentence=_one_line(sentence),
        expected=_one_line(struck(broken.expected, broken)),
        received=_one_line(struck(broken.received, broken)),
        usage=usage.format(broken.rule),
        base=target.http.base,
        settings="\n".join(shell.settings()),
        ca="" if ca is None else f" --cacert {shlex.quote(str(ca.resolve()))}",
    )
    told = {line.number: line for line in lines(broken)}
    body = []
    for step in broken.history.steps:
        if step.number in told:
            body.append(f"\necho '--- {step.number}' {shlex.quote(told[step.number].what)}\n")
        body.append(shell.step(step))
    return f"{head}{shell.beginning()}{''.join(body)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _document(text: str) -> str:
    """Write a text for a here-document; only what refers to other steps is the shell's."""
    for special in ("\\", "$", "`"):
        text = text.replace(special, f"\\{special}")
    text = re.sub('"@@number ([^@]*)@@"', r"$(take \1)", text)
    text = re.sub("@@(?:number|text) ([^@]*)@@", r"$(take \1)", text)
    text = re.sub("@@lent ([^@]*)@@", r"$\1", text)
    text = re.sub("@@new (rep-[^@]*)@@", r"\1-$tag@example.com", text)
    return re.sub("@@new ([^@]*)@@", r"\1-$tag", text)


def _quoted(text: str) -> str:
    return '"{}"'.format(_document(text).replace('"', '\\"'))


def _ask(number: int | str, method: str, path: str, body: str) -> str:
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
        self._broken = broken
        lent = lent_names(target.description) if target.control is None else {}
        names = broken.history.names
        self.lent = sorted(name for name in names if names[name] == lent.get(name))

    def settings(self) -> Iterator[str]:
        """Give what the script takes from who runs it, besides the base."""
        if self._target.control is not None:
            yield _CONTROL.format(control=self._target.description.control or "")
        for name in self.lent:
            kind, _, number = name.partition("-")
            what = f"{'user name' if kind == 'user' else 'password'} of the lent "
            what += _WHOSE[int(number) - 1]
            yield _LENT.format(name=_variable(name).upper(), what=what, small=_variable(name))

    def beginning(self) -> str:
        """Give what stands before the steps: the start, and what leaves all as it was found."""
        tidying = "".join(self._undone(step) for step in reversed(self._broken.history.steps))
        tidy = f"tidy() {{\n  :\n{tidying}}}\n"
        if self._target.control is None:
            return tidy
        start = {"mode": "frozen", "now": instant(self._start)}
        return f"{_ASK}{tidy}{_ask(0, 'PUT', 'clock', json.dumps(start))}{_ALLOWED}"

    def _undone(self, step: Step) -> str:
        """Give what ends the wait or the connection that a step began, if it did."""
        what, number = step.arguments, step.number
        if step.verb == "launch":
            return f'  form {number}-left "$(take {number} leave)" -d ""\n'
        if step.verb == "call" and what["name"] == "logon":
            which = {"name": "logoff", "service": what.get("service", "Sessions")}
            held = self._element(number, ["gives"])
            return "  " + self._call(
                f"{number}-off", {**which, "connection_id": f"@@text {number} {held}@@"}
            )
        if what.get("path") == ["acts"] and what["body"]["act"] in _POSTING:
            who = f'"sessionId": "@@number {number} sessionId@@"'
            acts = (f'{{"act": "{act}", {who}}}' for act in ("abandon", "end"))
            return "".join("  " + _ask(f"{number}-over", "POST", "acts", act) for act in acts)
        return ""

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
            return f"call -i {_quoted(arguments['url'])} | head -c 400; echo\n"
        if step.verb in ("launch", "follow_link"):
            return self._form(step, arguments)
        return (
            f"echo {shlex.quote(f'(several calls: {step.verb}; use broker-conformance replay)')}\n"
        )

    def _form(self, step: Step, arguments: Mapping[str, Any]) -> str:
        method = arguments.get("method", "POST")
        url = arguments["url"] if step.verb == "follow_link" else arguments.get("path", LAUNCH_PATH)
        fields = arguments.get("fields") or {}
        said = [f"--data-urlencode {_quoted(f'{name}={text}')}" for name, text in fields.items()]
        how = "-G" if method == "GET" else f"-X {method}"
        if method == "POST" and not said:
            said = ['-d ""']
        return f"form {step.number} {_quoted(url)} {' '.join([how, *said])}\n"

    def _call(self, number: int | str, arguments: Mapping[str, Any]) -> str:
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
        if mark != "$new":
            return str(inner)
        return f"@@lent {_variable(inner)}@@" if inner in self.lent else f"@@new {inner}@@"

    def _element(self, step: int, path: list[Any]) -> str:
        """Name the element or member in which an earlier answer holds a value."""
        if step not in self._operations:
            return str(path[-1])
        if path == ["gives"]:
            service, name = self._operations[step]
            return self._target.service(service).published["1.1"].shapes[name].result
        return _wire_name(path)


def _variable(name: str) -> str:
    return name.replace("-", "_")


def _wire_name(path: list[Any]) -> str:
    head, *rest = str(path[-1]).split("_")
    return head + "".join(part.capitalize() for part in rest)
