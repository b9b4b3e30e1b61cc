"""CONN-1 to CONN-4, FAULT-1: from an operation to its handler, through the gates, in one commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest

from broker_sim.contract import ENDPOINTS, faults
from broker_sim.contract.kinds import Field, Record
from broker_sim.core.refusal import Refused
from broker_sim.service import dispatch, managers
from broker_sim.service.ports import Call
from broker_sim.service.storage import Portal
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import OPERATIONS, Hands, world

GOOD: Final[dict[str, dict[str, Any]]] = {
    "logoff": {},
    "getPortal": {},
    "getSession": {"session_id": 0},
    "getSessionIds": {"start": START, "end": START + timedelta(days=1), "by": "Posted"},
    "getLastUpdateId": {},
    "getUpdates": {"since": 0},
    "getDefaultKey": {"key_version": 1},
}


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def given_for(hands: Hands, name: str) -> dict[str, Any]:
    given = dict(GOOD[name])
    if name == "getSession":
        given["session_id"] = hands.finished()
        hands.act("record", sessionId=given["session_id"])
    return given


def test_every_operation_has_a_handler() -> None:
    """FAULT-1: what is promised can be called, with exactly what it takes."""
    for endpoint in ENDPOINTS:
        for operation in endpoint.operations:
            handler = dispatch.HANDLERS[operation.handler]
            code = handler.__code__
            names = set(code.co_varnames[: code.co_argcount]) - {"call", "world"}
            assert names == {field.name for field in operation.takes} - {"connection_id"}
    assert set(GOOD) == set(OPERATIONS) - {"logon"}


def test_an_operation_without_a_handler_does_not_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT-1: it is found at the start and not by a caller."""
    endpoint = ENDPOINTS[0]
    odd = replace(endpoint.operations[0], name="dance", handler="dance")
    monkeypatch.setattr(dispatch, "ENDPOINTS", (replace(endpoint, operations=(odd,)),))

    with pytest.raises(ImportError, match=r"no handler for Sessions\.dance"):
        dispatch._handlers()


@pytest.mark.parametrize("name", sorted(GOOD))
def test_an_answer_has_what_the_contract_says(hands: Hands, name: str) -> None:
    """WIRE-1: every field of the record that is given, under its name."""
    answer = hands.call(name, **given_for(hands, name))

    gives = OPERATIONS[name].gives
    if gives is None:
        assert answer is None
    else:
        for one in answer if gives.many else [answer]:
            _assert_has(one, gives)


def _assert_has(value: Any, field: Field) -> None:
    if not isinstance(field.type, Record):
        return
    assert is_dataclass(value)
    assert {inner.name for inner in field.type.fields} <= {
        *(own.name for own in fields(value)),
        *(name for name in dir(type(value)) if isinstance(getattr(type(value), name), property)),
    }
    for inner in field.type.fields:
        found = getattr(value, inner.name)
        assert found is not None or inner.optional, inner.name
        for one in found if inner.many else [found]:
            if one is not None:
                _assert_has(one, inner)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_no_operation_answers_without_a_live_connection(hands: Hands, name: str) -> None:
    """CONN-3: made up or ended, it tells no data, whatever else is given."""
    given = given_for(hands, name)
    ended = hands.logon()
    hands.call("logoff")

    calls = [
        partial(hands.begin, name, connection_id=identifier, **given)
        for identifier in ("made up", ended)
    ]
    assert [code_of(call) for call in calls] == ["InvalidConnection", "ConnectionExpired"]


def test_another_portal_s_session_is_as_one_that_does_not_exist(hands: Hands) -> None:
    """CONN-4: the same fault, live, finished or purged; not even a list tells of it."""
    number = hands.finished()
    portal = Portal("gamma", "G", "Example", "SmartBox", ("a",), hard_lockouts=False)
    managers.add_portal(hands.broker.world, portal, "gamma", "secret")
    hands.logon("secret", "gamma")

    def read(number: int) -> tuple[str, dict[str, Any]]:
        refused = refusal_of(partial(hands.call, "getSession", session_id=number))
        assert refused is not None
        return refused.fault.code, refused.extra

    assert read(number) == read(99_999_999) == ("NoSuchSession", {})
    assert hands.call("getSessionIds", start=START, end=START + timedelta(1), by="Posted") == []
    assert hands.call("getUpdates", since=0) == []
    after = partial(hands.call, "getSessionIds", start=START, end=START, after=number)
    assert code_of(after) == "NoSuchSession"
    hands.broker.tester.advance(START + timedelta(days=91))
    hands.logon("secret", "gamma")
    assert read(number) == ("NoSuchSession", {})


def failing(error: Exception) -> Any:
    """Give a handler that writes and then raises."""

    def handler(call: Call, since: int, limit: int | None = None) -> None:
        call.tx.set_note("left", f"{since} {limit}")
        raise error

    return handler


def test_a_refusal_commits_and_anything_else_does_not(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LOGON-5: else the count of failures would be rolled back with the refusal."""
    notes = []
    hands.logon()
    for error in (ZeroDivisionError(), Refused(faults.NO_SUCH_SESSION)):
        monkeypatch.setitem(dispatch.HANDLERS, "get_updates", failing(error))
        with pytest.raises(type(error)):
            hands.call("getUpdates", since=5)
        with hands.broker.store.reading() as tx:
            notes.append(tx.note("left"))

    assert notes == [None, "5 None"]


def test_a_call_has_one_instant(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    """CONN-2: the clock is asked once; settled, read and answered is at that time."""
    hands.logon()
    asked: list[int] = []
    clock = hands.broker.world.clock
    real = clock.now

    def now() -> Any:
        asked.append(1)
        return real()

    monkeypatch.setattr(clock, "now", now)
    for name in sorted(set(GOOD) - {"logoff", "getSession"}):
        asked.clear()
        hands.call(name, **GOOD[name])
        assert len(asked) == 1, name
