"""What the programs of `foreign/` are given, and how what they print is read.

Each is of a SOAP stack; foreign/README.md tells their arguments and what they print.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim.contract import ENDPOINTS
from broker_sim.contract.kinds import Choice, Fault, Field, Kind, Operation, Record
from broker_sim.service import dispatch
from broker_sim.testing import RunningBroker
from broker_sim.tests.worlds import value_of

FOREIGN: Final = Path(__file__).parents[2] / "foreign"
PAGE: Final = 7
WORDS: Final = 'Zoë & <b>漢字</b> "😀" ]]> \t'
CUSTOMER: Final = "Zoë <漢字> & 😀"
REFERENCE: Final = 'A-1 "&" B'
LINES: Final = "first\r\nsecond\n third "
URL: Final = "https://www.example.com/?a=1&b=%3C"
SUB_PORTAL: Final = "email"
# Of those of one name, logon and logoff, any.
OPERATIONS: Final[Mapping[str, Operation]] = {
    op.name: op for endpoint in reversed(ENDPOINTS) for op in endpoint.operations
}
SERVICES: Final = {endpoint.name.lower(): endpoint.path for endpoint in ENDPOINTS}


@dataclass(frozen=True, slots=True)
class Stack:
    """A SOAP stack, and how some values look to those who use it.

    Attributes:
        command: what makes its round, without the arguments.
        needs: the programs that must be there.
        empty_text: how it shows an element without text.
        empty_list: how it shows a list without elements.
        typed_faults: whether the numbers of a fault are numbers.
        trusts: whether it can be told to trust the broker's authority; else all goes over HTTP.
    """

    command: Sequence[str]
    needs: Sequence[str] = ()
    empty_text: str | None = ""
    empty_list: object = None
    typed_faults: bool = True
    trusts: bool = True


STACKS: Final[Mapping[str, Stack]] = {
    "zeep": Stack([sys.executable, "python/client.py"], empty_text=None),
    "npm soap": Stack(["node", "node/client.mjs"], ["node", "npm"], typed_faults=False),
    "PHP SoapClient": Stack(["php", "php/client.php"], ["php"], empty_list={}, typed_faults=False),
    "JAX-WS RI": Stack(["sh", "java/client.sh"], ["java", "javac"], empty_list=[]),
    "Mono ASMX": Stack(
        ["sh", "dotnet/client.sh"],
        ["mono", "mcs", "wsdl", "curl"],
        empty_list=[],
        typed_faults=False,
        trusts=False,
    ),
}
# SOAP 1.1 goes over TLS, with the broker's own authority trusted; SOAP 1.2 over plain HTTP.
VERSIONS: Final = {"1.1": "wsdl", "1.2": "wsdl12"}
CASES: Final = [(name, version) for name in STACKS for version in VERSIONS]


@dataclass(frozen=True, slots=True)
class Round:
    """What a stack was given and what it said.

    Attributes:
        known: a connection of our own to the same portal, without any wire.
        lives: the sessions that the program is told of, by the names of its arguments.
        said: by the name of the call, every line in order.
    """

    stack: Stack
    version: str
    broker: RunningBroker
    known: str
    lives: Mapping[str, int]
    said: Mapping[str, Sequence[Mapping[str, Any]]]

    def told(self, operation: str, **arguments: object) -> Any:
        """Ask the broker itself."""
        given = {"connection_id": self.known, **arguments}
        return value_of(dispatch.call(self.broker.tester.world, OPERATIONS[operation], given))

    def read(self, operation: str, nth: int = 0) -> Any:
        """Give what the stack read, by the types of the contract."""
        gives = OPERATIONS[operation].gives
        assert gives is not None
        return read(gives, self.said[operation][nth]["gives"], self.stack)

    def same(self, operation: str, nth: int = 0, **arguments: object) -> None:
        """Compare what the stack read with what the broker itself says."""
        gives = OPERATIONS[operation].gives
        assert gives is not None
        expected = shown(gives, self.told(operation, **arguments), self.stack)
        assert self.read(operation, nth) == expected


def read(field: Field, said: Any, stack: Stack) -> Any:
    """Give a value as Python has it; wrong where it is not of the contract's type."""
    if field.many:
        listed = [] if said == stack.empty_list else said
        assert isinstance(listed, list), f"{field.wire} is no list: {said!r}"
        return [_read_one(field, one, stack) for one in listed]
    return None if said is None else _read_one(field, said, stack)


def _read_one(field: Field, said: Any, stack: Stack) -> Any:
    match field.type:
        case Record() as record:
            known = {part.wire for part in record.fields}
            assert said.keys() <= known, f"{said.keys() - known} are not in the contract"
            return {part.wire: read(part, said.get(part.wire), stack) for part in record.fields}
        case Kind.INSTANT:
            return datetime.fromisoformat(said)
        case Kind.BINARY:
            return b64decode(said, validate=True)
        case Kind.FLAG:
            assert isinstance(said, bool), f"{field.wire} is no truth value: {said!r}"
        case Kind.TEXT | Kind.NAME | Choice():
            assert isinstance(said, str), f"{field.wire} is no text: {said!r}"
        case _:
            assert type(said) is int, f"{field.wire} is no number: {said!r}"
    return said


def shown(field: Field, value: Any, stack: Stack) -> Any:
    """Give what a stack should have read of a value of the broker's."""
    if field.many:
        return [_shown_one(field, one, stack) for one in value]
    return None if value is None else _shown_one(field, value, stack)


def _shown_one(field: Field, value: Any, stack: Stack) -> Any:
    match field.type:
        case Record() as record:
            return {
                part.wire: shown(part, getattr(value, part.name), stack) for part in record.fields
            }
        case Kind.TEXT:
            return value or stack.empty_text
    return value


def refusal(made: Round, operation: str, nth: int, expected: Fault) -> Mapping[str, Any]:
    """Give the fields of a fault, which must be of that type."""
    said = made.said[operation][nth]
    assert said["fault"] == expected.code
    fields = dict(said["fields"])
    if not made.stack.typed_faults:
        numbers = [field.wire for field in expected.extra]
        assert all(isinstance(fields[name], str) for name in numbers)
        fields |= {name: int(fields[name]) for name in numbers}
    assert fields.pop("code") == expected.code
    assert fields.pop("message")
    return {field.wire: read(field, fields[field.wire], made.stack) for field in expected.extra} | {
        "type": said["fault"]
    }


def given(broker: RunningBroker, version: str, lives: Mapping[str, int]) -> Mapping[str, object]:
    """Give what a program is told, by the names of its arguments."""
    portal, username, password = broker.logins[0]
    start, end = reach(broker)
    who, known = representative(broker), dict(broker.rep_logins)
    told = {
        **{name: f"{broker.url}{at}?{VERSIONS[version]}" for name, at in SERVICES.items()},
        **lives,
        "version": version,
        "username": username,
        "password": password,
        "locked": "guesser",
        "max": PAGE,
        "portal": portal,
        "subPortal": SUB_PORTAL,
        "from": start.isoformat(),
        "to": end.isoformat(),
        "representative": who,
        "repPassword": known[who],
        "customer": CUSTOMER,
        "reference": REFERENCE,
        "words": WORDS,
        "url": URL,
    }
    return told if broker.ca_file is None else {**told, "ca": broker.ca_file}


def reach(broker: RunningBroker) -> tuple[datetime, datetime]:
    """Give the range that ids are listed of: [a month ago, the next minute)."""
    now = broker.tester.world.clock.now()
    return now - timedelta(days=30), now + timedelta(minutes=1)


def representative(broker: RunningBroker) -> str:
    """Give who the program logs on as, by e-mail address."""
    return str(broker.tester.staff()[0].email)


def there(programs: Sequence[str]) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.fail(f"install {' and '.join(missing)}; .ci/run tells the packages")


def lived(broker: RunningBroker, portal: str) -> Mapping[str, int]:
    """Let sessions live for the program; give their ids by the names of its arguments.

    `session` has everything that a stack may stumble over, `live` and `other` go on with the
    representative, `wanted` and `unwanted` wait for it.
    """
    perform, who = broker.tester.perform, representative(broker)
    entries = [{"label": "Name", "value": WORDS}, {"label": "Empty", "value": ""}]
    asked = {"portal": portal, "question": LINES, "smartBoxEntries": entries}
    here = {**asked, "subPortal": SUB_PORTAL}
    session = _past(broker, here)
    busy = perform("post", here).session_id
    perform("accept", {"sessionId": busy})
    perform("start", {"sessionId": busy})
    perform("post", {**here, "question": WORDS})  # it waits
    theirs = {**asked, "subPortal": _served(broker, portal, who)}
    lives = {"session": session}
    for name in ("live", "other"):
        lives[name] = perform("post", theirs).session_id
        perform("accept", {"sessionId": lives[name], "representative": who})
        perform("start", {"sessionId": lives[name]})
    for name in ("wanted", "unwanted"):
        lives[name] = perform("post", theirs).session_id
    return lives


def _past(broker: RunningBroker, asked: Mapping[str, object]) -> int:
    """Let a session live from its request to its survey; give its id."""
    perform = broker.tester.perform
    number = perform("post", asked).session_id
    perform("accept", {"sessionId": number})
    perform("start", {"sessionId": number})
    perform("chat", {"sessionId": number, "speaker": "customer", "text": WORDS})
    perform("end", {"sessionId": number, "resolution": "Resolved", "comment": LINES})
    perform("record", {"sessionId": number})
    rating = {"sessionId": number, "customerRatings": [{"label": WORDS, "value": LINES}]}
    perform("survey", rating)
    return number


def _served(broker: RunningBroker, portal: str, who: str) -> str:
    """Give a sub-portal of the portal that a representative serves."""
    (rep,) = (one for one in broker.tester.describe()["representatives"] if one["email"] == who)
    return next(str(desk["subPortal"]) for desk in rep["desks"] if desk["portal"] == portal)


def run(stack: Stack, given: Mapping[str, object]) -> subprocess.CompletedProcess[bytes]:
    """Start the program; give what became of it."""
    program, *rest = stack.command
    script = [str(FOREIGN / part) for part in rest]
    arguments = [f"{name}={value}" for name, value in given.items()]
    command = [program, *script, *arguments]
    return subprocess.run(command, capture_output=True, timeout=120, check=False)


def said(printed: bytes) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Give the lines of a program by the name of the call."""
    said: dict[str, list[Mapping[str, Any]]] = {}
    for line in printed.decode().splitlines():
        told = json.loads(line)
        said.setdefault(told["call"], []).append(told)
    return said
