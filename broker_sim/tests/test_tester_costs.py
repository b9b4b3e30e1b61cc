"""RET-3: what the tester asks costs the store as much, however many portals and people it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import pytest

from broker_sim.adapters.prepared import Prepared
from broker_sim.core.record import Representative
from broker_sim.service import hiring, sweeper
from broker_sim.service.storage import Portal
from broker_sim.tests.worlds import Hands, world

_TICK: Final = timedelta(milliseconds=1)
_FEW: Final = 2
_MANY: Final = 12


def portal_name(place: int) -> str:
    """Name the portal at a place; they begin behind the seeded ones."""
    return f"zone-{place:02}"


def email(place: int) -> str:
    """Give the address of who serves that portal."""
    return f"zoe-{place:02}@desk.example"


@contextmanager
def crowded(portals: int) -> Iterator[Hands]:
    """Give a world with so many portals more, each with a login and a representative."""
    with world() as hands:
        for place in range(portals):
            name = portal_name(place)
            made = Portal(name, name, "Example", "SmartBox", ("general",), hard_lockouts=False)
            hands.broker.tester.add_portal(made, f"login-{place}", "secret")
            rep = Representative(email(place), "Zoe", "Zoe", "Crew", "192.0.2.1")
            hiring.hire(hands.broker.world, rep, "secret", name)
        yield hands


def told_of_portal(hands: Hands) -> Any:
    """Ask for the first portal."""
    return hands.broker.tester.portal(portal_name(0))


def told_of_rep(hands: Hands) -> Any:
    """Ask for the first representative."""
    return hands.broker.tester.representative(email(0))


def told_of_all(hands: Hands) -> Any:
    """Ask for the world."""
    return hands.broker.tester.describe()


def swept(hands: Hands) -> Any:
    """Do what is due, which is nothing."""
    return sweeper.sweep(hands.broker.world)


def beaten(hands: Hands) -> Any:
    """Do what the world does by itself twice a second."""
    return hands.broker.beat()


ASKED: Final = (told_of_portal, told_of_rep, told_of_all, swept, beaten)


def statements(
    monkeypatch: pytest.MonkeyPatch, portals: int, ask: Callable[[Hands], Any]
) -> list[Prepared]:
    """Give the statements that are run for it in a world with so many portals more."""
    run: list[Prepared] = []
    bound = Prepared.bound

    def noted(statement: Prepared, *given: Any) -> Any:
        run.append(statement)
        return bound(statement, *given)

    with crowded(portals) as hands:
        ask(hands)  # numbers and names of portals are remembered from now on
        with monkeypatch.context() as patch:
            patch.setattr(Prepared, "bound", noted)
            ask(hands)
    return run


@pytest.mark.parametrize("ask", ASKED, ids=lambda ask: ask.__name__)
def test_nothing_that_a_tester_asks_costs_more_where_there_are_more_portals(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[Hands], Any]
) -> None:
    """RET-3: the same statements, as often, with six times the portals and people."""
    few = statements(monkeypatch, _FEW, ask)

    assert few
    assert statements(monkeypatch, _MANY, ask) == few


@pytest.mark.parametrize("portals", [0, _MANY])
def test_one_is_told_as_it_is_told_among_all(portals: int) -> None:
    """CONN-4: each portal with its own logins, each representative with its own desks."""
    with crowded(portals) as hands:
        tester = hands.broker.tester
        told = tester.describe()

        assert [tester.portal(one["name"]) for one in told["portals"]] == told["portals"]
        staff = told["representatives"]
        assert [tester.representative(one["email"]) for one in staff] == staff
        assert {**told, **tester.outline()} == told


def test_who_is_not_there_is_not_told() -> None:
    """CONN-4: by the name that was asked for."""
    with world() as hands:
        with pytest.raises(LookupError, match="no portal 'nowhere'"):
            hands.broker.tester.portal("nowhere")
        with pytest.raises(LookupError, match="no representative 'nobody'"):
            hands.broker.tester.representative("nobody")


def test_a_portal_is_due_at_its_earliest_instant_and_not_before() -> None:
    """SESS-2: the one portal where a request waits, and none where nothing does."""
    with world() as hands:
        hands.post()
        with hands.broker.store.reading() as tx:
            due = tx.next_due()
            assert due is not None
            assert tx.portals_due(due - _TICK) == []
            assert tx.portals_due(due) == [hands.portal]
