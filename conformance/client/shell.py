"""A failed case as a shell script: the same world, the same client, the same doings.

It needs curl, sed, tr and setsid, and a broker: its own, by `broker-sim`, or one at a URL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from conformance.client.diary import Asked, Diary, Doing, Emptied, Ended, Signalled, Started
from conformance.history import Break

# Pauses between doings: shorter ones are left out, longer ones cut. In seconds.
_SHORT: Final = 0.05
_LONG: Final = 30.0
_QUOTE: Final = '"'
_HEAD: Final = """#!/bin/sh
# {rule}: {sentence}
# case {case}, seed {seed}: the client is started as it was, against a world with the same in it.
# Usage: sh {rule}.sh                              starts a broker of its own, by `broker-sim`
#        TOKEN=... sh {rule}.sh BASE CONTROL       uses one that runs, with its control API
# Passwords and keys are made up anew; the world is one of its own, and dropped in the end.
set -u
dir=$(mktemp -d)
mkdir "$dir/archive" "$dir/state"
TOKEN=${{TOKEN:-token-$$}}
BASE=${{1:-}}
CONTROL=${{2:-}}
BROKER=
W=
end() {{
  for started in $PIDS; do kill -KILL -"$started" 2>/dev/null; done
  [ -z "$W" ] || (ask DELETE "worlds/$W" </dev/null) 2>/dev/null
  [ -z "$BROKER" ] || {{ kill "$BROKER"; wait "$BROKER"; }} 2>/dev/null
  rm -rf "$dir"
}}
PIDS=
trap end EXIT
trap 'exit 1' INT TERM
# ask METHOD PATH: ask the control API; the answer is in $dir/answer, a refusal ends the script
ask() {{
  status=$(curl -sS -X "$1" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
    --data-binary @- -o "$dir/answer" -w '%{{http_code}}' "$CONTROL/_sim/$2")
  case $status in
    2??) ;;
    *) echo "$1 $2 was answered by $status: $(cat "$dir/answer" 2>/dev/null)" >&2; exit 1 ;;
  esac
}}
# take NAME [FILE]: what stands under NAME in a JSON answer
take() {{
  tr '{{,}}' '\\n\\n\\n' < "$dir/${{2:-answer}}" \\
    | sed -n "s/^ *\\"$1\\": *\\"\\{{0,1\\}}\\([^\\"]*\\).*/\\1/p" | head -n 1
}}
if [ -z "$BASE" ]; then
  broker-sim serve --json --http --control --store memory --sessions 0 --no-rate \\
    --port 0 --control-port 0 --home "$dir/home" --token "$TOKEN" > "$dir/served" &
  BROKER=$!
  until [ -s "$dir/served" ]; do
    kill -0 "$BROKER" 2>/dev/null || {{ echo "the broker did not start"; exit 1; }}
    sleep 0.1
  done
  BASE=$(take baseUrl served)
  CONTROL=$(take controlUrl served)
fi
"""
_FOOT: Final = """
echo
echo "expected  "{expected}
echo "received  "{received}"  (when the suite saw it)"
echo "--- stored now"
ls -1 "$dir"/archive*
for zip in "$dir"/archive*/*.zip; do
  [ ! -e "$zip" ] || ! command -v unzip >/dev/null || unzip -l "$zip"
done
echo "--- said by the client"
for said in "$dir"/said-*; do [ ! -s "$said" ] || {{ echo "$said:"; tail -n 20 "$said"; }}; done
echo "--- its calls"
curl -sS -H "Authorization: Bearer $TOKEN" "$CONTROL/_sim/worlds/$W/journal?limit=1000" \\
  | tr '{{,' '\\n\\n' | sed -n 's/^ *"operation": *"\\([A-Za-z]*\\)".*/\\1/p'
"""


def script(broken: Break, diary: Diary, about: Mapping[str, str], seconds: float) -> str | None:
    """Write the script; None where a script cannot do what the case did.

    Args:
        broken: what was seen.
        diary: what was done until then.
        about: `rule`, `sentence`, `case` and `seed`, for the head.
        seconds: between the last doing and the finding.
    """
    if diary.elsewhere:
        return None
    plain = {name: " ".join(text.split()) for name, text in about.items()}
    shell = _Shell(diary)
    body = "".join(shell.lines(seconds))
    foot = _FOOT.format(
        expected=shell.quoted(broken.expected), received=shell.quoted(broken.received)
    )
    return f"{_HEAD.format(**plain)}{''.join(shell.secrets())}{body}{foot}"


class _Shell:
    def __init__(self, diary: Diary) -> None:
        self._diary = diary
        self._sessions: dict[int, str] = {}
        # Texts that differ each time, with what stands for them.
        self._signs = dict(diary.names)
        self._signs |= {text: f"${{{name}}}" for text, name in diary.secrets.items()}
        self._signs |= {f"@@{name}@@": f"${{{name}}}" for name in diary.secrets.values()}

    def secrets(self) -> Iterator[str]:
        """Make up every password and key anew."""
        for name in self._diary.secrets.values():
            yield f'{name}="Again-{name.lower()}-$$-Zebra"\n'

    def lines(self, seconds: float) -> Iterator[str]:
        """Do all of it, with the pauses between."""
        before: float | None = None
        for doing in self._diary.doings:
            yield _pause(0.0 if before is None else doing.at - before)
            yield self._doing(doing)
            before = doing.at
        yield _pause(seconds)

    def _doing(self, doing: Doing) -> str:
        match doing:
            case Asked():
                return self._asked(doing)
            case Started():
                return f"\necho '--- start {doing.number}'\n{self._started(doing)}"
            case Ended(_, number):
                return f'wait "$P{number}"; echo "--- {number} ended: $?"\n'
            case Signalled(_, number, name):
                return f"echo '--- {name} {number}'\nkill -{name} -\"$P{number}\"\n"
            case Emptied(_, name):
                return f'rm -rf "$dir/{name}"\nmkdir "$dir/{name}"\n'

    def _asked(self, asked: Asked) -> str:
        if not asked.path:
            named = {**(asked.body or {}), "name": "again-"}
            made = self._ask(replace(asked, body=named), "worlds")
            return f"W=again-$$\n{made.replace('again-', '$W')}"
        text = self._ask(asked, "/".join(("worlds", "$W", *map(self._escaped, asked.path))))
        if asked.answered is not None and asked.answered not in self._sessions:
            name = f"S{len(self._sessions) + 1}"
            self._sessions[asked.answered] = name
            self._signs[f'"@@{name}@@"'] = f"${name}"
            text += f"{name}=$(take sessionId)\n"
        return text

    def _ask(self, asked: Asked, path: str) -> str:
        body = json.dumps(self._written(asked.body or {}))
        return f'ask {asked.method} "{path}" {self._here(body)}'

    def _here(self, text: str) -> str:
        """Write a text as a here-document, whose last line stands nowhere in it."""
        lines, end = self._escaped(text).split("\n"), "EOF"
        while end in lines:
            end += "_"
        return "\n".join((f"<<{end}", *lines, end, ""))

    def _written(self, value: Any) -> Any:
        """Put a sign in the place of every id of a session and every secret.

        JSON writes quotes, backslashes and many letters in another way, so it comes before that.
        """
        if isinstance(value, Mapping):
            return {key: self._written(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._written(each) for each in value]
        if isinstance(value, str):
            return self._veiled(value)
        known = type(value) is int and value in self._sessions
        return f"@@{self._sessions[value]}@@" if known else value

    def _veiled(self, text: str) -> str:
        secrets = self._diary.secrets
        found = "|".join(map(re.escape, sorted(secrets, key=len, reverse=True)))
        return re.sub(found, lambda one: f"@@{secrets[one[0]]}@@", text) if found else text

    def _started(self, started: Started) -> str:
        start, number = started.start, started.number
        files = "".join(
            f'cat > "$dir/{name}" {self._here(text)}' for name, text in start.files.items()
        )
        named = (f"{name}={self.quoted(text)}" for name, text in start.environment.items())
        command = " ".join(("setsid", "env", *named, *map(self.quoted, start.command)))
        said = f'> "$dir/said-{number}.out" 2> "$dir/said-{number}.err" < /dev/null &'
        return f'{files}{command} {said}\nP{number}=$!\nPIDS="$PIDS $P{number}"\n'

    def quoted(self, text: str) -> str:
        """Write a text as one word of the shell's."""
        return f'"{self._escaped(text, more=_QUOTE)}"'

    def _escaped(self, text: str, more: str = "") -> str:
        """Write a text as the shell reads it in a here-document; in quotes with `more` escaped."""
        found = sorted(self._signs, key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, found))})", text) if found else [text]
        special = re.compile(f"[\\\\$`{more}]")
        return "".join(
            self._signs.get(part, special.sub(lambda one: f"\\{one[0]}", part)) for part in parts
        )


def _pause(seconds: float) -> str:
    return f"sleep {min(seconds, _LONG):.1f}\n" if seconds > _SHORT else ""
