"""WIRE-2: other SOAP stacks, driven by the WSDL alone, read what the broker says.

Each program of `foreign/` makes its round once, against a broker of its own.
"""

import re
import subprocess
from collections.abc import Iterator

import pytest

from broker_sim.contract import ENDPOINTS, faults
from broker_sim.service import agents, dispatch, managers
from broker_sim.testing import running_broker
from broker_sim.tests.foreign_rounds import (
    CASES,
    CUSTOMER,
    FOREIGN,
    LINES,
    OPERATIONS,
    PAGE,
    REFERENCE,
    STACKS,
    SUB_PORTAL,
    URL,
    WORDS,
    Round,
    given,
    lived,
    reach,
    refusal,
    representative,
    run,
    said,
    shown,
    there,
)
from broker_sim.tests.worlds import value_of

pytestmark = pytest.mark.foreign


@pytest.fixture(scope="module")
def node_modules() -> None:
    """Install what the lock file of the node program names, and nothing else."""
    there(["npm"])
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    done = subprocess.run(
        command, cwd=FOREIGN / "node", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module", params=CASES, ids="/".join)
def made(request: pytest.FixtureRequest) -> Iterator[Round]:
    name, version = request.param
    stack = STACKS[name]
    if name == "npm soap":
        request.getfixturevalue("node_modules")
    there(stack.needs)
    with running_broker(seed=7, sessions=30, tls=version == "1.1" and stack.trusts) as broker:
        portal, _, password = broker.logins[0]
        world = broker.tester.world
        managers.add_login(world, portal, "reader", password)
        managers.add_login(world, portal, "guesser", password)
        asked = {"username": "reader", "password": password}
        known = value_of(dispatch.call(world, OPERATIONS["logon"], asked))
        lives = lived(broker, portal)
        done = run(stack, given(broker, version, lives))
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        yield Round(stack, version, broker, known, lives, said(done.stdout))


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


def test_it_calls_every_operation(made: Round) -> None:
    """WIRE-2: of every service, and each is answered as it should be at least once."""
    every = {(f"{one.path}", op.name) for one in ENDPOINTS for op in one.operations}
    answered = {
        (entry["door"], entry["operation"])
        for entry in made.broker.tester.journal.after(0, 1000)
        if entry["status"] == 200
    }

    assert every <= answered


def test_it_logs_on_and_off(made: Round) -> None:
    """LOGON-1, CONN-3: a connection opens, and its end is a typed fault."""
    assert len(made.said["logon"][0]["gives"]) > 20
    assert made.said["logoff"] == [{"call": "logoff", "gives": None}] * len(ENDPOINTS)
    assert refusal(made, "getPortal", 1, faults.CONNECTION_EXPIRED)


def test_it_reads_the_portal(made: Round) -> None:
    """CONN-4: flags, numbers, an instant, a list of names."""
    made.same("getPortal")


def test_it_reads_a_session_whole(made: Round) -> None:
    """SESS-4: records in lists, absent fields, binary, and texts to the byte."""
    made.same("getSession", session_id=made.lives["session"])


def test_it_reads_the_fields_of_a_fault(made: Round) -> None:
    """LOGON-3: the guesses are refused, and then the lock tells how long it lasts."""
    for nth in (2, 3, 4):
        assert refusal(made, "logon", nth, faults.INVALID_CREDENTIALS)

    assert refusal(made, "logon", 5, faults.LOCKED_OUT)["secondsLeft"] == 300


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
    """MON-2: records in lists in records; customers wait."""
    made.same("getQueues")
    waiting = [one for queue in made.read("getQueues") for one in queue["requests"]]
    assert {one["question"] for one in waiting} == {LINES, WORDS}


def test_it_makes_a_phone_code_and_cancels_it(made: Round) -> None:
    """PHONE-1, PHONE-5: the code stands in the list until it is cancelled."""
    code = made.read("createCode")

    assert re.fullmatch(r"\d{9}", code["code"])
    assert (code["customerName"], code["referenceId"]) == (CUSTOMER, REFERENCE)
    assert code in made.read("getCodes")
    assert made.said["cancelCode"] == [{"call": "cancelCode", "gives": None}]
    assert code not in made.read("getCodes", 1)
    assert [one["customerName"] for one in made.read("getCodes", 1)] == [CUSTOMER]


def test_it_cancels_all_codes_of_a_representative(made: Round) -> None:
    """PHONE-5: also the one that it got at its own desk; told is how many."""
    assert made.said["cancelCodes"] == [{"call": "cancelCodes", "gives": 2}]
    made.same("getCodes", 2, representative=representative(made.broker))
    assert made.read("getCodes", 2) == []


def test_it_lists_the_ids_of_a_range(made: Round) -> None:
    """SESS-5: instants, a word of a choice and a list go as arguments."""
    start, end = reach(made.broker)
    made.same("getSessionIds", start=start, end=end, by="Posted", sub_portals=(SUB_PORTAL,))
    assert len(made.read("getSessionIds")) > 1


def test_it_reads_the_default_key(made: Round) -> None:
    """REC-8: bytes."""
    made.same("getDefaultKey", key_version=1)


def test_it_hears_what_happens_at_its_desk(made: Round) -> None:
    """AGENT-1: the requests that wait, with what was written, and sessions that go on."""
    events = made.read("getEvents")
    asked = {one["sessionId"]: one for one in events if one["kind"] == "RequestWaiting"}
    entries = [("Name", WORDS), ("Empty", made.stack.empty_text)]

    assert {made.lives["wanted"], made.lives["unwanted"]} <= asked.keys()
    wanted = asked[made.lives["wanted"]]
    assert wanted["question"] == LINES
    assert [(one["label"], one["value"]) for one in wanted["smartBoxEntries"]] == entries
    on = {one["sessionId"] for one in events if one["kind"] == "Resumed"}
    assert {made.lives["live"], made.lives["other"]} <= on


def test_what_it_did_in_a_session_is_in_the_record(made: Round) -> None:
    """AGENT-2: to the character, a truth value as it was meant, every byte of a file."""
    live = made.told("getSession", session_id=made.lives["live"])
    did = {event.kind: event.detail for event in live.events}

    assert did["Chat"].endswith(WORDS)
    assert did["UrlPushed"] == URL
    sent = agents.sent_file(made.broker.tester.world, live.session_id, 1)
    assert sent == ("every byte.bin", bytes(range(256)))
    assert {"DiagnosticsTaken", "ScreenSharingOn", "Rebooted"} <= did.keys()
    assert live.reboot_reconnect == "ReconnectFailed"
    assert (live.status, live.resolution) == ("Finished", "Unresolved")
    assert live.rep_comment == WORDS
    assert (live.end_label, live.end_data) == ("Ticket", WORDS)
    assert [(one.label, one.value) for one in live.rep_ratings] == [(WORDS, WORDS)]


def test_it_takes_refuses_and_hands_on(made: Round) -> None:
    """AGENT-1, SESS-3: the other session's id is told, and stands in the record."""
    wanted, other = (
        made.told("getSession", session_id=made.lives[name]) for name in ("wanted", "other")
    )

    assert wanted.representative == representative(made.broker)
    assert other.transferred_to == made.read("transferSession")
    assert re.fullmatch(r"\d{9}", made.read("startByCode")["code"])


def test_it_downloads_a_file_by_its_url(made: Round) -> None:
    """REC-5: bytes that are no XML come by the signed URL, to the digest that was told."""
    (came,) = (line["gives"] for line in made.said["download"])
    file = made.told("getSession", session_id=made.lives["session"]).files[0]

    assert came == {"size": file.size, "sha256": file.sha256, "told": file.sha256}


def test_mono_cannot_be_told_to_trust_the_authority() -> None:
    """foreign/README.md says so; where this fails, Mono has learned it."""
    stack = STACKS["Mono ASMX"]
    there(stack.needs)
    with running_broker(tls=True) as broker:
        done = run(stack, given(broker, "1.1", {}))

    assert done.returncode != 0
    assert b"CERTIFICATE_VERIFY_FAILED" in done.stderr
    assert not done.stdout
