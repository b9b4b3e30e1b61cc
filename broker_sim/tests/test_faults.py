"""Fault rules over a real socket: each effect as a client meets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from time import monotonic
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import pytest
import requests
import zeep

from broker_sim.core.effects import STATUSES, noise
from broker_sim.testing import running_broker
from broker_sim.testing.running import RunningBroker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests import raw_http
from broker_sim.tests.soap_drawing import SOAP11, SOAP12
from broker_sim.tests.struck import ask, code_of, dial, is_taken, logon_request, whole

SECONDS: Final = 0.2


@pytest.fixture(scope="module")
def served() -> Iterator[RunningBroker]:
    with running_broker(seed=3) as broker:
        yield broker


@pytest.fixture
def world(served: RunningBroker) -> Iterator[BrokerWorld]:
    with served.world(seed=3, sessions=6) as world:
        yield world


@pytest.mark.parametrize(("media", "status"), [(SOAP11, 500), (SOAP12, 400)])
def test_a_fault_looks_as_if_the_broker_had_said_it(
    world: BrokerWorld, media: str, status: int
) -> None:
    """LOGON-3: with its fields, in the caller's version of SOAP; nothing was done."""
    fields = {"secondsLeft": 17}
    world.faults.add("logon", effect="fault", code="LockedOut", fields=fields, times=1)

    said = ask(world, logon_request(world, media))

    assert (said.status, code_of(said)) == (status, "LockedOut")
    assert b"<secondsLeft>17</secondsLeft>" in said.body
    assert said.headers["Retry-After"] == "17"
    assert ask(world, logon_request(world)).status == 200


Check: TypeAlias = Callable[[bytes, str], bool]
LOST: Final[list[tuple[dict[str, Any], Check]]] = [
    ({"effect": "fault", "code": "ServerError"}, lambda got, _: b"<code>ServerError<" in got),
    ({"effect": "status", "status": 503}, lambda got, _: got.startswith(b"HTTP/1.1 503 ")),
    ({"effect": "cut"}, lambda got, how: (got, how) == (b"", "rst")),
    ({"effect": "cut", "how": "fin"}, lambda got, how: (got, how) == (b"", "fin")),
    ({"effect": "garbage", "raw": True}, lambda got, how: (len(got), how) == (512, "fin")),
    ({"effect": "garbage"}, lambda got, _: b"text/xml" in got and b"<" not in got[:99]),
    ({"effect": "empty"}, lambda got, _: b"content-length: 0\r\n" in got),
]


@pytest.mark.parametrize(("effect", "check"), LOST, ids=[str(effect)[:50] for effect, _ in LOST])
@pytest.mark.parametrize("when", ["before", "after"])
def test_before_the_commit_nothing_was_done_and_after_it_all_was(
    world: BrokerWorld, effect: Mapping[str, Any], check: Check, when: str
) -> None:
    """CONN-1: a logon whose answer was lost holds the login; one that never was does not."""
    world.faults.add("Sessions.logon", when=when, times=1, **effect)

    assert check(*whole(world, logon_request(world)))

    assert is_taken(world) is (when == "after")
    assert world.faults.list()[0]["struck"] == 1


def test_a_failed_logon_counts_though_its_answer_was_lost(world: BrokerWorld) -> None:
    """LOGON-3: the count is committed; the third failure locks whoever heard of it."""
    world.faults.add("logon", effect="cut", when="after", times=3)
    for _ in range(3):
        assert whole(world, logon_request(world, password="wrong")) == (b"", "rst")

    assert code_of(ask(world, logon_request(world))) == "LockedOut"


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_comes_with_when_to_try_again(world: BrokerWorld, status: int) -> None:
    """C-POLL-2: Retry-After where it is said, and not where it is not."""
    world.faults.add(effect="status", status=status, retry_after=7, times=1)
    world.faults.add(effect="status", status=status)

    first, second = (ask(world, logon_request(world)) for _ in range(2))

    assert (first.status, first.headers["Retry-After"]) == (status, "7")
    assert (second.status, "Retry-After" in second.headers) == (status, False)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delay_holds_up_one_call_and_no_other(world: BrokerWorld, when: str) -> None:
    """FAULT-2: the caller beside is answered meanwhile."""
    world.faults.add("logon", effect="delay", seconds=SECONDS, when=when, times=1)
    with dial(world) as slow:
        begun = monotonic()
        slow.send(logon_request(world))
        slow.socket.settimeout(0.03)
        with pytest.raises(TimeoutError):
            slow.answer()
        # the login is taken, or not yet, by a call that has not been answered
        assert is_taken(world) is (when == "after")
        slow.socket.settimeout(raw_http.PATIENCE)
        said = slow.answer()

    assert monotonic() - begun >= SECONDS
    assert (said.status, code_of(said)) == {
        "before": (500, "AlreadyLoggedOn"),
        "after": (200, ""),
    }[when]


def test_an_answer_drips(world: BrokerWorld) -> None:
    """C-NET-2: whole, and not at once."""
    world.faults.add("logon", effect="drip", seconds=SECONDS, pieces=8)
    begun = monotonic()

    said = ask(world, logon_request(world))

    assert monotonic() - begun >= SECONDS
    assert said.body.endswith(b"</soap:Envelope>")


@pytest.mark.parametrize("how", ["rst", "fin"])
@pytest.mark.parametrize("keep", [None, 0, 1, 100, 100_000])
def test_an_answer_breaks_off(world: BrokerWorld, keep: int | None, how: str) -> None:
    """C-NET-2: the head promises more than comes, whatever was asked for."""
    world.faults.add("logon", effect="truncate", keep=keep, how=how, times=1)

    got, end = whole(world, logon_request(world))
    head, _, body = got.partition(b"\r\n\r\n")
    promised = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])

    assert end == how
    assert len(body) == {None: promised // 2, 100_000: promised - 1}.get(keep, keep)
    assert is_taken(world)


def test_a_content_type_is_wrong_and_the_body_right(world: BrokerWorld) -> None:
    """C-NET-2: what a proxy's login page looks like to a client."""
    world.faults.add("logon", effect="contentType", content_type="text/html", times=1)

    said = ask(world, logon_request(world))

    assert [said.headers[name] for name in said.headers if name.lower() == "content-type"] == [
        "text/html"
    ]
    assert b"<connectionId>" in said.body


def test_garbage_is_the_same_for_the_same_seed(served: RunningBroker) -> None:
    """One seed decides faults too: bytes, and which calls are struck."""
    runs = []
    for _ in range(2):
        with served.world(seed=5) as world:
            world.faults.add(effect="garbage", size=40, probability=0.5)
            runs.append([ask(world, logon_request(world)).body[:40] for _ in range(12)])
    struck = [body for body in runs[0] if not body.startswith(b"<?xml")]

    struck_alike = [body for body in runs[1] if not body.startswith(b"<?xml")]
    assert 0 < len(struck) < 12
    assert (
        struck == struck_alike == [noise(40, 5, "fault-1", nth + 1) for nth in range(len(struck))]
    )
    assert [one in struck for one in runs[0]] == [one in struck for one in runs[1]]


def download_path(world: BrokerWorld) -> str:
    """Give path and query of a screen recording's URL."""
    client = zeep.Client(world.wsdl).service  # type: ignore[no-untyped-call]  # zeep has no types
    connection = client.logon(*world.logins[0][1:])
    portal = client.getPortal(connection)
    to = portal.brokerTime
    for number in client.getSessionIds(connection, to - timedelta(days=89), to):
        for file in client.getSession(connection, number).files.SessionFile:
            if file.name.endswith(".g2a"):
                parts = urlsplit(file.url)
                return f"{parts.path}?{parts.query}"
    raise AssertionError


DOWNLOADS: Final[list[tuple[dict[str, Any], Check]]] = [
    ({"effect": "status", "status": 429, "retry_after": 2}, lambda got, _: b" 429 " in got[:20]),
    ({"effect": "cut"}, lambda got, how: (got, how) == (b"", "rst")),
    ({"effect": "cut", "when": "after"}, lambda got, how: (got, how) == (b"", "rst")),
    ({"effect": "garbage", "raw": True}, lambda got, _: len(got) == 512),
    ({"effect": "garbage"}, lambda got, _: got.startswith(b"HTTP/1.1 200 ")),
    ({"effect": "empty", "when": "after"}, lambda got, _: b"content-length: 0\r\n" in got),
    ({"effect": "contentType", "content_type": "text/html"}, lambda got, _: b"text/html" in got),
    ({"effect": "delay", "seconds": 0.02}, lambda got, _: b" 200 " in got[:20]),
    ({"effect": "delay", "seconds": 0.02, "when": "after"}, lambda got, _: b" 200 " in got[:20]),
]


@pytest.mark.parametrize(
    ("effect", "check"), DOWNLOADS, ids=[str(effect)[:50] for effect, _ in DOWNLOADS]
)
def test_a_download_is_struck_once_and_then_comes_whole(
    world: BrokerWorld, effect: Mapping[str, Any], check: Check
) -> None:
    """REC-6: by the name of its file; the second try gets it."""
    request = raw_http.get(download_path(world), "Connection: close")
    plain = ask(world, request)
    world.faults.add("download", match={"name": {"like": "*.g2a"}}, times=1, **effect)
    world.faults.add("download", match={"name": "*.g2a"}, effect="cut")

    assert check(*whole(world, request))
    again = ask(world, request)

    assert [rule["struck"] for rule in world.faults.list()] == [1, 0]
    assert (again.status, again.body) == (200, plain.body)


def test_a_download_drips_and_breaks_off_where_it_is_told(world: BrokerWorld) -> None:
    """REC-6: a resumed download goes on behind what came."""
    path = download_path(world)
    plain = ask(world, raw_http.get(path)).body
    world.faults.add("download", effect="truncate", keep=700, times=1, how="rst")
    world.faults.add("download", effect="drip", seconds=SECONDS, pieces=4)

    got, how = whole(world, raw_http.get(path, "Connection: close"))
    begun = monotonic()
    rest = ask(world, raw_http.get(path, "Range: bytes=700-"))

    assert how == "rst"
    assert (rest.status, got.partition(b"\r\n\r\n")[2] + rest.body) == (206, plain)
    assert len(got.partition(b"\r\n\r\n")[2]) == 700
    assert monotonic() - begun >= SECONDS


def test_worlds_are_struck_apart(served: RunningBroker) -> None:
    """A rule is of one world."""
    with served.world(seed=1) as one, served.world(seed=1) as other:
        one.faults.add(effect="cut")

        assert whole(one, logon_request(one)) == (b"", "rst")
        assert ask(other, logon_request(other)).status == 200


def test_a_reset_removes_all_rules(world: BrokerWorld) -> None:
    """A world begins as it began."""
    world.faults.add(effect="cut")
    world.tester.reset()

    assert world.faults.list() == []
    assert ask(world, logon_request(world)).status == 200


def test_a_rule_of_one_login_strikes_its_calls_only(world: BrokerWorld) -> None:
    """C-MULTI-1: by the connection that a call comes on."""
    client = zeep.Client(world.wsdl).service  # type: ignore[no-untyped-call]  # zeep has no types
    connections = [client.logon(username, password) for _, username, password in world.logins]
    world.faults.add(
        effect="fault",
        code="RateLimited",
        fields={"retryAfterSeconds": 4},
        login=world.logins[0][1],
    )

    with pytest.raises(zeep.exceptions.Fault, match="Try again in 4 seconds"):
        client.getPortal(connections[0])
    assert client.getPortal(connections[1]).name == world.logins[1][0]


def test_a_rule_of_a_representative_strikes_its_desktop(world: BrokerWorld) -> None:
    """AGENT-1: a desktop's connection is its representative's, like an API login's."""
    made: Any = zeep.Client(world.wsdls["Agents"])  # type: ignore[no-untyped-call]  # zeep has no types
    agents = made.service
    head = {"Authorization": f"Bearer {world.control_token}"}
    told = requests.get(f"{world.control_url}/world", headers=head, timeout=10).json()
    first, second = told["representatives"][:2]
    connections = [agents.logon(one["email"], one["password"]) for one in (first, second)]
    world.faults.add("Agents.*", effect="fault", code="ServerError", login=first["email"])

    with pytest.raises(zeep.exceptions.Fault, match="The broker failed"):
        agents.setAvailability(connections[0], available=True)
    agents.setAvailability(connections[1], available=True)

    with pytest.raises(zeep.exceptions.Fault, match="The broker failed"):
        agents.logon(first["email"], first["password"])
