"""A world kept and brought back, in memory and as a document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import requests
import zeep
from zeep.helpers import serialize_object

from broker_sim.bootstrap import exports
from broker_sim.bootstrap.snapshots import MOST
from broker_sim.bootstrap.worlds import Held
from broker_sim.service import login as login_service
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.worlds import value_of

_OLD: Final = Path(__file__).parents[2] / "fixtures" / "worlds"


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def held(broker: RunningBroker) -> Iterator[Held]:
    made = broker.worlds.hand(broker.worlds.new({"seed": 11, "sessions": 8}))
    yield made
    broker.worlds.drop(made.name)


def _service(held: Held) -> Any:
    url = held.describe()["services"]["Sessions"]["wsdl"]
    return zeep.Client(url).service  # type: ignore[no-untyped-call]  # zeep has no types


def _logon(held: Held) -> str:
    (login, *_), *_ = held.broker.logins().values()
    return str(_service(held).logon(login["username"], login["password"]))


def _live(held: Held, question: str = "Why?") -> int:
    """Let one session happen, recording and all; give its id."""
    portal = held.broker.plan.portals[0]
    asked = {"portal": portal.name, "subPortal": portal.sub_portals[0], "question": question}
    number = held.tester.perform("post", asked).session_id
    for act in ("accept", "start", "end"):
        held.tester.perform(act, {"sessionId": number})
    held.tester.advance(held.clock.now() + timedelta(minutes=1))
    return number


def _seen(held: Held, connection: str, ids: list[int]) -> list[Any]:
    """Read sessions with their files' bytes' digests, as a caller sees them."""
    service = _service(held)
    found = [service.getSession(connection, one) for one in ids]
    plain = map(serialize_object, found)
    return [json.loads(json.dumps(one, default=str)) for one in plain]


def test_a_snapshot_brings_everything_back(held: Held) -> None:
    """Data, clock, connections and chance; what came after it never happened."""
    connection = _logon(held)
    number = _live(held)
    before, world = _seen(held, connection, [number]), held.describe()
    held.snapshots.take("here")
    later = _live(held)
    held.tester.advance(held.clock.now() + timedelta(days=100))
    held.snapshots.restore("here")

    assert held.describe() == world
    assert _seen(held, connection, [number]) == before
    assert _live(held) == later
    with pytest.raises(zeep.exceptions.Fault):
        _service(held).getSession(connection, later + 1)


def test_fault_rules_are_part_of_the_world(broker: RunningBroker, held: Held) -> None:
    """A rule with its counts comes back with a snapshot, and lives in a document."""
    held.broker.faults.add("Sessions.logon", effect="cut", skip=1, times=1)
    _logon(held)
    known = held.broker.faults.list()
    held.snapshots.take("armed")
    held.broker.faults.clear()
    held.snapshots.restore("armed")
    document = json.loads(json.dumps(held.export()))
    copied = broker.worlds.hand(broker.worlds.new({"import": document}))

    assert known[0]["fitted"] == 1
    assert held.broker.faults.list() == copied.broker.faults.list() == known
    held.tester.reset()
    assert held.broker.faults.list() == []
    broker.worlds.drop(copied.name)


def test_after_a_restore_chance_falls_as_it_fell(held: Held) -> None:
    """The same calls give the same connection ids and the same recordings again."""
    held.snapshots.take("start")
    first = _logon(held), _seen_after_a_session(held)
    held.snapshots.restore("start")
    again = _logon(held), _seen_after_a_session(held)

    assert again == first


def _seen_after_a_session(held: Held) -> Any:
    (login, *_), *_ = list(held.broker.logins().values())[1:]
    connection = _service(held).logon(login["username"], login["password"])
    portal = held.broker.plan.portals[1]
    asked = {"portal": portal.name, "subPortal": portal.sub_portals[0], "question": "Again?"}
    number = held.tester.perform("post", asked).session_id
    for act in ("accept", "start", "end", "record"):
        held.tester.perform(act, {"sessionId": number})
    return _seen(held, connection, [number])


def test_a_document_makes_the_same_world_elsewhere(broker: RunningBroker, held: Held) -> None:
    """Over the control API: export, import under another name, and read the same."""
    number = _live(held, "Où est le café? \U0001f600 & <b>")
    connection = _logon(held)
    before = _seen(held, connection, [number])
    http = requests.Session()
    http.headers["Authorization"] = f"Bearer {broker.control_token}"
    base = f"{broker.control_url}/_sim/worlds"
    document = http.get(f"{base}/{held.name}/export", timeout=10).json()
    told = http.post(base, json={"name": "copied", "import": document}, timeout=10).json()
    copied = broker.worlds.hand("copied")

    assert told["url"].endswith("/w/copied")
    expected = json.loads(json.dumps(before).replace(f"/w/{held.name}/", "/w/copied/"))
    assert _seen(copied, connection, [number]) == expected
    for file in expected[0]["files"]["SessionFile"]:
        found = requests.get(file["url"], timeout=10)
        assert (found.status_code, len(found.content)) == (200, file["size"])
    assert copied.export()["tables"] == held.export()["tables"]
    broker.worlds.drop("copied")


def test_a_document_is_what_its_schema_says(held: Held) -> None:
    """docs/world.schema.json, by a validator that nobody here wrote."""
    validator = pytest.importorskip("jsonschema").Draft202012Validator(exports.schema())
    _logon(held)
    _live(held)
    document = json.loads(json.dumps(held.export()))

    assert list(validator.iter_errors(document)) == []
    document["tables"]["portal"][0]["name"] = 5
    assert list(validator.iter_errors(document)) != []


@pytest.mark.parametrize("file", sorted(_OLD.glob("step-*.json")), ids=lambda path: path.stem)
def test_an_older_document_is_brought_up_to_date(broker: RunningBroker, file: Path) -> None:
    """An export of an earlier day, whatever steps the store has taken since."""
    document = json.loads(file.read_text(encoding="utf-8"))
    name = broker.worlds.new({"import": document})
    found = broker.worlds.hand(name)
    connection = _logon(found)
    ids = [row["id"] for row in document["tables"]["session"]]

    assert found.describe()["sessions"] == len(ids) > 0
    assert [one["sessionId"] for one in _seen(found, connection, ids[-1:])] == ids[-1:]
    assert _live(found) > max(ids)
    broker.worlds.drop(name)


def test_snapshots_are_bounded_and_named(held: Held) -> None:
    """FAULT-1: a name that there is none of, and the first one too many."""
    with pytest.raises(LookupError, match="none yet"):
        held.snapshots.restore("nowhere")
    for _ in range(MOST):
        held.snapshots.take()
    with pytest.raises(ValueError, match="drop some"):
        held.snapshots.take()
    held.snapshots.take("snapshot-3")
    held.snapshots.drop("snapshot-1")
    names = [kept.name for kept in held.snapshots.list()]

    assert len(names) == MOST - 1
    assert "snapshot-1" not in names


def test_who_calls_in_the_middle_of_a_restore_comes_after_it(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would draw an id that the world draws again, and answer out of two worlds."""
    held.snapshots.take("here")
    first = _logon(held)
    restore = held.clock.restore
    with ThreadPoolExecutor(1) as pool:
        calls: list[Future[str]] = []

        def in_the_middle(saved: str) -> None:
            calls.append(pool.submit(_logon_unserved, held))
            wait(calls, 0.2)
            restore(saved)

        monkeypatch.setattr(held.clock, "restore", in_the_middle)
        held.snapshots.restore("here")
        again = calls[0].result(10)

    assert again == first


def test_who_calls_in_the_middle_of_a_reset_comes_after_it(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LOGON-2: a world without its logins would count a failure that nobody made."""
    with ThreadPoolExecutor(1) as pool:
        calls: list[Future[str]] = []
        clear = held.broker.faults.clear

        def in_the_middle() -> None:
            clear()
            if held.broker.store.notes().get("seed") is None:
                calls.append(pool.submit(_logon_unserved, held))
                wait(calls, 0.2)

        monkeypatch.setattr(held.broker.faults, "clear", in_the_middle)
        held.tester.reset()
        assert [call.result(10) for call in calls] != []


def _logon_unserved(held: Held) -> str:
    """Log the first login on without a wire; give the connection's id."""
    (login, *_), *_ = held.broker.logins().values()
    world = held.broker.world
    return str(value_of(login_service.logon(world, login["username"], login["password"])))


@pytest.mark.parametrize("name", ["a/b", "..", "a b", "\ud800", "x" * 64])
def test_a_snapshot_s_name_may_stand_in_a_path(held: Held, name: str) -> None:
    """FAULT-1: else nobody could restore or drop it over HTTP."""
    with pytest.raises(ValueError, match="'name' must"):
        held.snapshots.take(name)

    assert held.snapshots.list() == []


def test_a_snapshot_without_a_name_replaces_none(held: Held) -> None:
    """Whatever names others were given."""
    held.snapshots.take("snapshot-1")
    held.snapshots.take("snapshot-3")
    names = [held.snapshots.take().name for _ in range(3)]

    assert len({"snapshot-1", "snapshot-3", *names}) == 5


def test_a_world_in_a_file_is_brought_back_too(tmp_path: Path) -> None:
    """The default world of a broker on a database file, large recordings and all."""
    with running_broker(store="file", home=tmp_path, sessions=5) as running:
        held = running.worlds.hand()
        number = _live(held)
        connection = _logon(held)
        before = _seen(held, connection, [number])
        held.snapshots.take("here")
        held.tester.advance(held.clock.now() + timedelta(days=91))
        held.snapshots.restore("here")

        assert _seen(held, connection, [number]) == before
