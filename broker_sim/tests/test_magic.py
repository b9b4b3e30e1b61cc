"""Magic values over a real socket: they provoke, and they reach nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Final

import pytest
import requests
import zeep
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.core import magic, phonecode
from broker_sim.core.effects import Delay, Empty, Garbage, Refuse, Sever, Status, Truncate
from broker_sim.core.record import Event
from broker_sim.testing import running_broker
from broker_sim.testing.running import RunningBroker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests import soap_drawing
from broker_sim.tests.served import served

Fault: Final = zeep.exceptions.Fault
NAMESPACE: Final = soap_drawing.NAMESPACE


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=3) as broker:
        yield broker


@pytest.fixture
def world(broker: RunningBroker) -> Iterator[BrokerWorld]:
    with broker.world(seed=3) as world:
        yield world


def client(world: BrokerWorld, name: str = "Sessions") -> Any:
    made: Any = zeep.Client(world.wsdls[name])  # type: ignore[no-untyped-call]  # zeep has no types
    return made.service


def post(world: BrokerWorld, name: str, /, **given: object) -> requests.Response:
    """Call an operation of Sessions by hand."""
    fields = "".join(f"<{key}>{value}</{key}>" for key, value in given.items())
    body = soap_drawing.envelope(f'<{name} xmlns="{NAMESPACE}">{fields}</{name}>')
    head = {"Content-Type": soap_drawing.SOAP11}
    return requests.post(world.wsdl.removesuffix("?wsdl"), body, headers=head, timeout=10)


def logon(world: BrokerWorld, word: str) -> requests.Response:
    return post(world, "logon", username=f"{word}@magic.example", password="any")


@pytest.mark.parametrize(
    "code",
    ["InvalidCredentials", "LockedOut", "LockedOutPermanently", "AlreadyLoggedOn", "ServerError"],
)
def test_a_magic_login_is_refused_as_it_says(world: BrokerWorld, code: str) -> None:
    """LOGON-2 to LOGON-4: as often as one likes; it never locks by itself."""
    for _ in range(4):
        said = logon(world, f"fault.{code}")
        assert f"<code>{code}</code>" in said.text


def test_magic_statuses_delays_and_broken_answers(world: BrokerWorld) -> None:
    """C-NET-2: every spell of the manual, at the logon."""
    begun = monotonic()
    delayed = logon(world, "delay.1")
    took = monotonic() - begun
    busy = logon(world, "status.503")

    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "1")
    assert (took >= 1, "InvalidCredentials" in delayed.text) == (True, True)
    assert logon(world, "empty").content == b""
    assert len(logon(world, "garbage").content) == 512
    for word in ("cut.rst", "cut.fin", "truncated"):
        with pytest.raises(requests.exceptions.RequestException):
            logon(world, word)


def test_a_magic_connection_provokes_and_opens_nothing(world: BrokerWorld) -> None:
    """CONN-3: what the operation declares; anything else is no connection at all."""
    expired = post(world, "getPortal", connectionId="fault.ConnectionExpired@magic.example")
    limited = post(world, "getPortal", connectionId="fault.RateLimited@magic.example")
    undeclared = post(world, "getPortal", connectionId="fault.LockedOut@magic.example")
    delayed = post(world, "getPortal", connectionId="delay.1@magic.example")

    assert "<code>ConnectionExpired</code>" in expired.text
    assert ("<code>RateLimited</code>" in limited.text, limited.headers["Retry-After"]) == (
        True,
        "1",
    )
    assert "<code>InvalidConnection</code>" in undeclared.text
    assert "<code>InvalidConnection</code>" in delayed.text


def test_no_password_opens_a_magic_login(world: BrokerWorld) -> None:
    """CONN-4: not even where somebody made a login of that name."""
    name = "fault.LockedOut@magic.example"
    head = {"Authorization": f"Bearer {world.control_token}"}
    made = {"portal": world.logins[0][0], "username": name, "password": "right"}
    url = f"{world.control_url}/logins"
    assert requests.post(url, json=made, headers=head, timeout=10).status_code == 200

    said = post(world, "logon", username=name, password="right")

    assert "<code>LockedOut</code>" in said.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("#fault:SessionPurged", "<code>SessionPurged</code>"),
        ("#fault:NoSuchSession please", "<code>NoSuchSession</code>"),
        ("#fault:LockedOut", "<question>#fault:LockedOut</question>"),
        ("# fault:SessionPurged", "<question># fault:SessionPurged</question>"),
        ("fault:SessionPurged", "<question>fault:SessionPurged</question>"),
    ],
)
def test_a_magic_question_is_about_its_own_session(
    world: BrokerWorld, question: str, said: str
) -> None:
    """SESS-4: whoever reads it meets the fault; other sessions are read as ever."""
    portal = world.logins[0][0]
    described = world.tester.describe()["portals"]
    sub_portal = next(one for one in described if one["name"] == portal)["subPortals"][0]
    given = {"portal": portal, "subPortal": sub_portal}
    struck = world.tester.perform("post", {**given, "question": question}).session_id
    plain = world.tester.perform("post", {**given, "question": "?"}).session_id
    known = client(world).logon(*world.logins[0][1:])

    assert said in post(world, "getSession", connectionId=known, sessionId=struck).text
    assert "<question>?</" in post(world, "getSession", connectionId=known, sessionId=plain).text


@pytest.mark.parametrize(("word", "event"), [("declined", "Declined"), ("abandoned", "Abandoned")])
def test_a_magic_question_decides_what_becomes_of_the_request(
    world: BrokerWorld, word: str, event: str
) -> None:
    """SESS-2: it ends as an error at once, its events say which."""
    portal = world.logins[0][0]
    described = world.tester.describe()["portals"]
    sub_portal = next(one for one in described if one["name"] == portal)["subPortals"][0]
    given = {"portal": portal, "subPortal": sub_portal, "question": f"#{word} printer"}
    session = world.tester.perform("post", given)
    service = client(world)
    read = service.getSession(service.logon(*world.logins[0][1:]), session.session_id)

    assert read.status == "Error"
    assert [one.kind for one in read.events.SessionEvent] == ["Posted", event]


def test_magic_codes_at_the_service_and_at_the_page(world: BrokerWorld) -> None:
    """PHONE-6: a status by SOAP and by the customer's form; unknown ones are only unknown."""
    phone = client(world, "PhoneMode")
    known = phone.logon(*world.logins[0][1:])
    form = f"{world.url}/ph/{world.logins[0][0]}"

    def typed(code: str) -> requests.Response:
        return requests.post(form, data={"code": code}, timeout=10)

    with pytest.raises(zeep.exceptions.TransportError, match="503"):
        phone.cancelCode(known, "000-000-503")
    with pytest.raises(Fault, match="code"):
        phone.cancelCode(known, "000-000-123")
    busy = typed("000 000 503")

    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "1")
    assert typed("000-000-123").status_code == 400


@given(st.integers(0, 999))
def test_what_is_magic_is_reserved(number: int) -> None:
    """PHONE-1: no representative is ever given a code that means something else."""
    code = f"{number:09d}"

    assert magic.is_reserved(code)
    assert phonecode.as_typed(code) == code


@pytest.mark.parametrize(
    ("written", "effect"),
    [
        ("fault.lockedout", Refuse("LockedOut")),
        ("fault:LockedOut", Refuse("LockedOut")),
        ("status.429", Status(429, 1)),
        ("status.200", None),
        ("delay.2", Delay(2)),
        ("delay.0", None),
        ("delay.31", None),
        ("delay.", None),
        ("cut.rst", Sever("rst")),
        ("cut.fin", Sever("fin")),
        ("cut", None),
        ("truncated", Truncate()),
        ("truncated.5", None),
        ("garbage", Garbage()),
        ("empty", Empty()),
        ("fault.Nonsense", None),
        ("a" * 500, None),
    ],
)
def test_spells_are_read_exactly(written: str, effect: object) -> None:
    """What is no spell does nothing."""
    assert magic.spelled(written) == effect
    assert magic.in_name(f"{written}@magic.example") == effect
    assert magic.in_name(f" {written}@MAGIC.example ") == effect
    assert magic.in_name(f"{written}@other.example") is None
    assert magic.in_question(f"#{written} and more") == effect


@given(st.text(max_size=80))
def test_ordinary_texts_are_no_magic(text: str) -> None:
    """SESS-4: nothing happens by accident."""
    if not text.startswith("#") and not text.strip().startswith("#"):
        assert magic.in_question(text) is None
        assert magic.outcome(text) is None
    if "@" not in text:
        assert magic.in_name(text) is None


def test_every_spell_and_code_of_the_manual_works() -> None:
    """The table of the manual is made of what the code knows."""
    assert all(magic.spelled(example) is not None for _, example, _ in magic.SPELLS)
    assert all(magic.in_code(code) is not None for code, _ in magic.CODES)
    assert magic.in_code("000-000-000") == Sever("rst")
    assert [magic.in_code(f"00000000{n}") for n in (1, 9)] == [Delay(1), Delay(9)]
    assert magic.in_code("000000010") is None
    assert magic.in_code("000 000 503") == Status(503, magic.RETRY_AFTER)
    assert magic.in_code("000-000-00x") is None
    assert magic.in_code("100000503") is None
    assert {magic.outcome(f"#{word}") for word in magic.OUTCOMES} == {
        Event.DECLINED,
        Event.ABANDONED,
    }


@pytest.mark.parametrize(
    ("options", "code"), [((), "InvalidCredentials"), (("--magic",), "LockedOut")]
)
def test_a_served_broker_heeds_them_only_when_asked(
    tmp_path: Path, options: tuple[str, ...], code: str
) -> None:
    """SEC-1: off, unless it was started with --magic."""
    with served(tmp_path, "--http", "--port", "0", *options) as told:
        url = told["services"]["Sessions"]["endpoint"]
        given = "<username>fault.LockedOut@magic.example</username><password>x</password>"
        body = soap_drawing.envelope(f'<logon xmlns="{NAMESPACE}">{given}</logon>')
        head = {"Content-Type": soap_drawing.SOAP11}
        said = requests.post(url, body, headers=head, timeout=10)

    assert f"<code>{code}</code>" in said.text
