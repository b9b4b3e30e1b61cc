"""C-NET-2, C-ONCE-1: the client as a process, at a broker that a tester makes odd or faulty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from integration.tests.broker_process import BrokerProcess, Login, until
from integration.tests.client_process import ClientProcess, stop
from integration.tests.home import archives, half_written, rows

SESSIONS: Final = 5


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    with BrokerProcess(tmp_path_factory.mktemp("broker"), http=True) as broker:
        yield broker


@pytest.fixture(scope="module")
def login(broker: BrokerProcess) -> Login:
    """Give a portal with some sessions that have ended."""
    login = broker.portal()
    for number in range(SESSIONS):
        question = ["Help?", "<b>&amp;</b>", " two\n lines ", "]]>", "ünïcödé \U0001f600"][
            number % 5
        ]
        broker.whole(login, question=question)
    return login


@pytest.fixture(autouse=True)
def plain_again(broker: BrokerProcess) -> Iterator[None]:
    yield
    broker.tell("DELETE", "hostile")
    broker.tell("DELETE", "faults")


def stored(client: ClientProcess) -> Any:
    """Give what was stored, without what names the moment of it."""
    told = rows(client.portal)
    names = sorted(Path(name).name for name in archives(client.portal))
    return names, sorted(told), {table: len(found) for table, found in told.items()}


@pytest.mark.parametrize("seed", range(2))
def test_a_fetch_brings_the_same_home_under_the_hostile_profile(
    broker: BrokerProcess, login: Login, tmp_path: Path, seed: int
) -> None:
    """C-ONCE-1: every session once, every file whole, whatever the answers look like."""
    plain = ClientProcess(tmp_path / "plain", broker, login)
    assert plain.run_json("fetch")["stored"] == SESSIONS
    broker.tell("PUT", "hostile", seed=seed)
    odd = ClientProcess(tmp_path / "odd", broker, login)

    told = odd.run_json("fetch")

    assert (told["stored"], told["lost"], told["waiting"]) == (SESSIONS, {}, {})
    assert stored(odd) == stored(plain)
    assert odd.run_json("verify")["good"]
    assert broker.tell("GET", "hostile")["answers"] > SESSIONS


@pytest.mark.slow
def test_a_watch_follows_under_the_hostile_profile(broker: BrokerProcess, tmp_path: Path) -> None:
    """C-ONCE-1, C-POLL-1: small pages of updates, odd answers, nothing lost."""
    login = broker.portal()
    broker.tell("PUT", "hostile", seed=11)
    client = ClientProcess(tmp_path / "client", broker, login)
    process = client.begin("watch")
    try:
        until(lambda: broker.calls("getUpdates"))
        wanted = {f"Session_{broker.whole(login)}.zip" for _ in range(5)}
        until(lambda: wanted <= {Path(name).name for name in archives(client.portal)})
    finally:
        code, said = stop(process)

    assert code in (0, 130), said
    assert client.run_json("verify")["good"]


FAULTS: Final[list[dict[str, Any]]] = [
    {"operation": "getSession", "effect": "cut", "when": "after", "times": 2},
    {"operation": "getSession", "effect": "status", "status": 503, "retryAfter": 1, "times": 2},
    {"operation": "getSession", "effect": "truncate", "times": 2},
    {"operation": "getSession", "effect": "garbage", "times": 1},
    {"operation": "getSessionIds", "effect": "empty", "times": 1},
    {"operation": "getSession", "effect": "fault", "code": "ServerError", "times": 1},
    {"operation": "download", "effect": "truncate", "how": "rst", "times": 3},
    {"operation": "download", "effect": "status", "status": 429, "retryAfter": 1, "times": 1},
]


@pytest.mark.slow
@pytest.mark.parametrize("rule", FAULTS, ids=lambda rule: f"{rule['operation']}-{rule['effect']}")
def test_what_goes_wrong_for_a_while_loses_nothing(
    broker: BrokerProcess, login: Login, tmp_path: Path, rule: dict[str, Any]
) -> None:
    """C-NET-2: every session comes home, once, and no half file stays."""
    broker.tell("POST", "faults", **rule)
    client = ClientProcess(tmp_path / "client", broker, login)

    told = client.run_json("fetch")

    assert (told["stored"], told["lost"], told["waiting"]) == (SESSIONS, {}, {})
    (stands,) = broker.tell("GET", "faults")["faults"]
    assert stands["struck"] == rule["times"]
    assert half_written(client.portal) == []
    assert client.run_json("verify")["good"]
