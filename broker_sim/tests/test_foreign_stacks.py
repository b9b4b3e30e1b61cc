"""WIRE-2: other SOAP stacks, driven by the WSDL alone, read what the broker says.

The programs lie in `foreign/`, each in its own language; its README tells their arguments and
what they print. Each makes its round once, against a broker of its own.
"""

import json
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim.contract import faults
from broker_sim.contract.kinds import Choice, Fault, Field, Kind, Record
from broker_sim.contract.monitors import MONITORS
from broker_sim.contract.phonemode import PHONEMODE
from broker_sim.contract.sessions import SESSIONS
from broker_sim.service import dispatch, managers
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.worlds import value_of

pytestmark = pytest.mark.foreign

FOREIGN: Final = Path(__file__).parents[2] / "foreign"
PAGE: Final = 7
WORDS: Final = 'Zoë & <b>漢字</b> "😀" ]]> \t'
CUSTOMER: Final = "Zoë <漢字> & 😀"
REFERENCE: Final = 'A-1 "&" B'
LINES: Final = "first\r\nsecond\n third "
ENDPOINTS: Final = (SESSIONS, MONITORS, PHONEMODE)
OPERATIONS: Final = {op.name: op for endpoint in ENDPOINTS for op in endpoint.operations}
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
        said: by the name of the call, every line in order.
    """

    stack: Stack
    version: str
    broker: RunningBroker
    known: str
    session: int
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


@pytest.fixture(scope="module")
def node_modules() -> None:
    """Install what the lock file of the node program names, and nothing else."""
    _there(["npm"])
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    done = subprocess.run(
        command, cwd=FOREIGN / "node", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module", params=CASES, ids=" ".join)
def made(request: pytest.FixtureRequest) -> Iterator[Round]:
    name, version = request.param
    stack = STACKS[name]
    if name == "npm soap":
        request.getfixturevalue("node_modules")
    _there(stack.needs)
    with running_broker(seed=7, sessions=30, tls=version == "1.1" and stack.trusts) as broker:
        portal, _, password = broker.logins[0]
        world = broker.tester.world
        managers.add_login(world, portal, "reader", password)
        managers.add_login(world, portal, "guesser", password)
        asked = {"username": "reader", "password": password}
        known = value_of(dispatch.call(world, OPERATIONS["logon"], asked))
        session = _lived(broker, portal)
        done = _run(stack, _given(broker, version, session))
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        yield Round(stack, version, broker, known, session, _said(done.stdout))


def _given(broker: RunningBroker, version: str, session: int) -> Mapping[str, object]:
    """Give what a program is told, by the names of its arguments."""
    portal, username, password = broker.logins[0]
    given = {
        **{name: f"{broker.url}{at}?{VERSIONS[version]}" for name, at in SERVICES.items()},
        "version": version,
        "username": username,
        "password": password,
        "locked": "guesser",
        "session": session,
        "max": PAGE,
        "portal": portal,
        "representative": broker.tester.staff()[0].email,
        "customer": CUSTOMER,
        "reference": REFERENCE,
    }
    return given if broker.ca_file is None else {**given, "ca": broker.ca_file}


def _there(programs: Sequence[str]) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.fail(f"install {' and '.join(missing)}; .ci/run tells the packages")


def _lived(broker: RunningBroker, portal: str) -> int:
    """Let a session live that has everything that a stack may stumble over; give its id."""
    entries = [{"label": "Name", "value": WORDS}, {"label": "Empty", "value": ""}]
    asked = {"portal": portal, "subPortal": "email", "question": LINES, "smartBoxEntries": entries}
    perform = broker.tester.perform
    number = perform("post", asked).session_id
    perform("accept", {"sessionId": number})
    perform("start", {"sessionId": number})
    perform("chat", {"sessionId": number, "speaker": "customer", "text": WORDS})
    perform("end", {"sessionId": number, "resolution": "Resolved", "comment": LINES})
    perform("record", {"sessionId": number})
    rating = {"sessionId": number, "customerRatings": [{"label": WORDS, "value": LINES}]}
    perform("survey", rating)
    busy = perform("post", asked).session_id
    perform("accept", {"sessionId": busy})
    perform("start", {"sessionId": busy})
    perform("post", {**asked, "question": WORDS})  # it waits
    return number


def _run(stack: Stack, given: Mapping[str, object]) -> "subprocess.CompletedProcess[bytes]":
    """Start the program; give what became of it."""
    program, *rest = stack.command
    script = [str(FOREIGN / part) for part in rest]
    arguments = [f"{name}={value}" for name, value in given.items()]
    command = [program, *script, *arguments]
    return subprocess.run(command, capture_output=True, timeout=120, check=False)


def _said(printed: bytes) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Give the lines of a program by the name of the call."""
    said: dict[str, list[Mapping[str, Any]]] = {}
    for line in printed.decode().splitlines():
        told = json.loads(line)
        said.setdefault(told["call"], []).append(told)
    return said


def test_it_speaks_the_version_that_it_was_asked_for(made: Round) -> None:
    """WIRE-2: each of the two documents leads to messages of its version."""
    spaces = {
        "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
        "1.2": "http://www.w3.org/2003/05/soap-envelope",
    }
    asked = [
        entry["request"]
        for entry in made.broker.tester.journal.after(0, 1000)
        if entry["operation"] in OPERATIONS
    ]

    assert len(asked) > 10
    assert {space in text for text in asked for space in [spaces[made.version]]} == {True}


def test_it_logs_on_and_off(made: Round) -> None:
    """LOGON-1, CONN-3: a connection opens, and its end is a typed fault."""
    assert len(made.said["logon"][0]["gives"]) > 20
    assert made.said["logoff"] == [{"call": "logoff", "gives": None}]
    assert refusal(made, "getPortal", 1, faults.CONNECTION_EXPIRED)


def test_it_reads_the_portal(made: Round) -> None:
    """CONN-4: flags, numbers, an instant, a list of names."""
    made.same("getPortal")


def test_it_reads_a_session_whole(made: Round) -> None:
    """SESS-4: records in lists, absent fields, binary, and texts to the byte."""
    made.same("getSession", session_id=made.session)


def test_it_reads_the_fields_of_a_fault(made: Round) -> None:
    """LOGON-3: the guesses are refused, and then the lock tells how long it lasts."""
    for nth in (1, 2, 3):
        assert refusal(made, "logon", nth, faults.INVALID_CREDENTIALS)

    assert refusal(made, "logon", 4, faults.LOCKED_OUT)["secondsLeft"] == 300


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


def test_it_follows_the_updates_until_a_page_is_short(made: Round) -> None:
    """UPD-1: page by page, each full but the last, nothing twice, nothing missed."""
    pages = [made.read("getUpdates", nth) for nth in range(len(made.said["getUpdates"]))]
    gives = OPERATIONS["getUpdates"].gives
    assert gives is not None

    assert [len(page) for page in pages[:-1]] == [PAGE] * (len(pages) - 1)
    assert len(pages[-1]) < PAGE
    every = [update for page in pages for update in page]
    assert every == shown(gives, made.told("getUpdates", since=0, limit=1000), made.stack)
    made.same("getLastUpdateId")


def test_it_reads_the_representatives(made: Round) -> None:
    """MON-1: who they are, and what each is doing; one is in a session."""
    made.same("getRepresentatives")
    assert "InSession" in {one["status"] for one in made.read("getRepresentatives")}


def test_it_reads_the_queues(made: Round) -> None:
    """MON-2: records in lists in records; one customer waits."""
    made.same("getQueues")
    waiting = [one for queue in made.read("getQueues") for one in queue["requests"]]
    assert [one["question"] for one in waiting] == [WORDS]


def test_it_makes_a_phone_code_and_cancels_it(made: Round) -> None:
    """PHONE-1, PHONE-5: the code stands in the list until it is cancelled."""
    code = made.read("createCode")

    assert re.fullmatch(r"\d{9}", code["code"])
    assert (code["customerName"], code["referenceId"]) == (CUSTOMER, REFERENCE)
    assert code in made.read("getCodes")
    assert made.said["cancelCode"] == [{"call": "cancelCode", "gives": None}]
    assert code not in made.read("getCodes", 1)
    made.same("getCodes", 1, representative=code["representative"])


def test_it_downloads_a_file_by_its_url(made: Round) -> None:
    """REC-5: bytes that are no XML come by the signed URL, to the digest that was told."""
    (came,) = (line["gives"] for line in made.said["download"])
    file = made.told("getSession", session_id=made.session).files[0]

    assert came == {"size": file.size, "sha256": file.sha256, "told": file.sha256}


def test_mono_cannot_be_told_to_trust_the_authority() -> None:
    """foreign/README.md says so; where this fails, Mono has learned it."""
    stack = STACKS["Mono ASMX"]
    _there(stack.needs)
    with running_broker(tls=True) as broker:
        done = _run(stack, _given(broker, "1.1", 1))

    assert done.returncode != 0
    assert b"CERTIFICATE_VERIFY_FAILED" in done.stderr
    assert not done.stdout
