"""FAULT-1, FAULT-2: whatever the tester's door is given, a sentence comes and the world stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
import requests

from broker_sim.testing import RunningBroker, running_broker

FAR: Final = 10**30
NO_LISTS: Final[list[object]] = ["abc", 5, [1], [{}], {"a": 1}]
NO_SUB_PORTALS: Final[list[object]] = [*NO_LISTS, [""], ["a", "a"], ["a\x01"]]
VALUES: Final[list[tuple[str, str, object]]] = [
    ("POST", "seed", {"sessions": FAR}),
    ("POST", "seed", {"sessions": 10**9}),
    ("POST", "seed", {"sessions": 1.5}),
    ("POST", "seed", {"sessions": True}),
    ("POST", "seed", {"sessions": 5, "days": 0}),
    ("POST", "seed", {"sessions": 5, "days": FAR}),
    ("POST", "seed", {"sessions": 5, "days": 10**7}),
    ("POST", "seed", {"sessions": 5, "portal": 7}),
    ("POST", "reset", {"sessions": FAR}),
    ("POST", "reset", {"seed": "x"}),
    ("POST", "reset", {"seed": -1}),
    ("POST", "reset", {"now": "0001-01-01T00:00:00Z"}),
    ("POST", "reset", {"now": 5}),
    ("PUT", "clock", {}),
    ("PUT", "clock", {"mode": 5}),
    ("PUT", "clock", {"mode": "frozen", "now": "0001-01-01T00:00:00Z"}),
    ("PUT", "clock", {"mode": "frozen", "now": "0001-01-01T00:00:00+14:00"}),
    ("PUT", "clock", {"mode": "shifted", "now": "9999-12-31T23:59:59.999Z"}),
    ("POST", "clock/advance", {"seconds": -1}),
    ("POST", "clock/advance", {"seconds": 1e12}),
    ("POST", "clock/advance", {"seconds": FAR}),
    ("POST", "clock/advance", {"seconds": True}),
    ("POST", "clock/advance", {"to": "9999-12-31T23:59:59.999Z"}),
    ("POST", "clock/advance", {"to": "2029-01-01T00:00:00Z"}),
    *[
        ("POST", "portals", {"name": "p", "username": "u", "password": "x", "subPortals": subs})
        for subs in NO_SUB_PORTALS
    ],
    ("POST", "portals", {"name": "p\x01", "username": "u", "password": "x"}),
    ("POST", "portals", {"name": "p", "username": "u", "password": "\ud800"}),
    ("POST", "portals", {"name": "p", "username": "u", "password": "x", "hardLockouts": 1}),
    ("POST", "logins", {"portal": "p"}),
    ("PUT", "portals/p/security-key", {}),
    ("PUT", "portals/p/security-key", {"passphrase": 5}),
    ("PUT", "portals/p/security-key", {"passphrase": "\ud800"}),
    ("DELETE", "portals/none/security-key", None),
    ("POST", "acts", {"act": 5}),
    ("POST", "acts", {"act": "start", "sessionId": FAR}),
    ("GET", "journal?after=x", None),
    ("GET", "journal?limit=x", None),
    ("GET", "journal?limit=-1", None),
    ("GET", f"journal?after={'9' * 5000}", None),
]
BODIES: Final = {
    "half an object": b'{"mode":',
    "no UTF-8": b'{"mode": "\xff"}',
    "a list": b"[]",
    "a text": b'"frozen"',
    "nothing known": b"null",
    "very deep": b"[" * 200_000,
    "a deep object": b'{"a":' * 100_000,
    "a long number": b'{"mode": ' + b"1" * 5000 + b"}",
    "no number": b'{"mode": "frozen", "seconds": NaN}',
}


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=5, sessions=5) as running:
        yield running


def ask(
    broker: RunningBroker, method: str, path: str, body: object = None, **more: Any
) -> requests.Response:
    headers = {"Authorization": f"Bearer {broker.control_token}"}
    url = f"{broker.control_url}/_sim/{path}"
    return requests.request(method, url, json=body, headers=headers, timeout=30, **more)


def assert_refused(answer: requests.Response) -> None:
    """Fail unless the answer is a refusal in a sentence, without a word of any library."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
    told = answer.json()
    sentence = told.get("error") or told["message"]
    assert len(sentence.split()) > 3
    assert not {"codec", "Traceback", "int()", "browser", "NoneType"} & set(sentence.split())


@pytest.mark.parametrize(("method", "path", "body"), VALUES)
def test_a_wrong_value_is_refused_and_changes_nothing(
    broker: RunningBroker, method: str, path: str, body: object
) -> None:
    """FAULT-1: not even half of it; the world can still be asked and set."""
    before = ask(broker, "GET", "world").json()

    assert_refused(ask(broker, method, path, body))

    assert ask(broker, "GET", "world").json() == before


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["clock", "clock/advance", "acts"])
def test_a_body_that_is_no_object_is_refused(broker: RunningBroker, path: str, body: bytes) -> None:
    """FAULT-2: in bounded time, however deep it is."""
    method = "PUT" if path == "clock" else "POST"
    headers = {"Authorization": f"Bearer {broker.control_token}"}
    url = f"{broker.control_url}/_sim/{path}"

    assert_refused(requests.request(method, url, data=body, headers=headers, timeout=30))


@pytest.mark.parametrize(
    ("scheme", "status"), [("Bearer", 200), ("bearer", 200), ("Basic", 401), ("", 401)]
)
def test_the_token_comes_as_a_bearer_s(broker: RunningBroker, scheme: str, status: int) -> None:
    """FAULT-1: and as nothing else."""
    headers = {"Authorization": f"{scheme} {broker.control_token}".strip()}
    answer = requests.get(f"{broker.control_url}/_sim/clock", headers=headers, timeout=10)

    assert answer.status_code == status


def test_a_refused_portal_takes_no_name(broker: RunningBroker) -> None:
    """FAULT-1: whose login was taken may be made with another."""
    taken = broker.logins[0][1]
    portal = {"name": "later", "password": "x"}

    assert_refused(ask(broker, "POST", "portals", {**portal, "username": taken}))
    assert ask(broker, "POST", "portals", {**portal, "username": "free"}).status_code == 200


@pytest.mark.parametrize("days", [1, 90, 3650])
def test_a_past_of_any_length_may_be_added(broker: RunningBroker, days: int) -> None:
    """SESS-6: more than is kept, too: what is gone by then is swept."""
    answer = ask(broker, "POST", "seed", {"sessions": 7, "days": days})

    assert answer.status_code == 200
    assert answer.json()["sessions"] >= 12
