"""The seam lays mistakes over the broker, everywhere and for a while, and says when it cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from broker_sim.core import chat, lockout, session
from broker_sim.core.lockout import Open, Policy
from broker_sim.core.record import Session
from broker_sim.service import dispatch, sessions
from broker_sim.testing import NoSuchPlace, Overlay, replaced, running_broker

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def _shout(function: Any) -> Any:
    return lambda *given, **named: ("other", function(*given, **named))


def test_a_function_is_another_one_inside_the_block_only() -> None:
    """A module's function is replaced and put back."""
    before = lockout.fail
    with replaced(Overlay("broker_sim.core.lockout.fail", _shout)):
        changed: Any = lockout.fail(Open(), Policy(), NOW)
        assert changed == ("other", Open(1))
    assert lockout.fail is before


def test_whoever_took_the_function_by_name_has_the_other_one_too() -> None:
    """`core.chat` has `move` by `from ... import`, the dispatcher its handlers in a table."""
    before = vars(chat)["move"], dispatch.HANDLERS["get_portal"]
    move = Overlay("broker_sim.core.session.move", _shout)
    with replaced(move, Overlay("broker_sim.service.sessions.get_portal", _shout)):
        assert vars(chat)["move"] is session.move
        assert session.move is not before[0]
        assert dispatch.HANDLERS["get_portal"] is sessions.get_portal
        assert dispatch.HANDLERS["get_portal"] is not before[1]
    assert before == (vars(chat)["move"], dispatch.HANDLERS["get_portal"])


def test_methods_and_properties_are_replaced_as_what_they_are() -> None:
    """A property is wrapped as a plain function and stays a property."""
    place = "broker_sim.core.record.Session.duration_minutes"
    case = Session(1, "p", "s", "q", NOW, started=NOW, ended=NOW + timedelta(minutes=2))
    with replaced(Overlay(place, lambda minutes: lambda self: minutes(self) + 40)):
        assert case.duration_minutes == 42
    assert case.duration_minutes == 2


def test_later_overlays_lie_over_earlier_ones() -> None:
    """Two overlays of one place work together, and both are taken away."""
    place = "broker_sim.core.listing.page_size"
    add = Overlay(place, lambda size: lambda limit: size(limit) + 1)
    double = Overlay(place, lambda size: lambda limit: size(limit) * 2)
    from broker_sim.core import listing  # noqa: PLC0415  read while replaced

    with replaced(add, double):
        assert listing.page_size(5) == 12
    assert listing.page_size(5) == 5


def test_everything_is_put_back_when_the_block_fails() -> None:
    """An exception inside the block restores like its end."""
    before = lockout.settle
    with (
        pytest.raises(ZeroDivisionError),
        replaced(Overlay("broker_sim.core.lockout.settle", _shout)),
    ):
        raise ZeroDivisionError
    assert lockout.settle is before


@pytest.mark.parametrize(
    "place",
    [
        "broker_sim.core.lockout.nothing",
        "broker_sim.core.nowhere.fail",
        "broker_sim.core.record.Session.nothing",
        "broker_sim.core.session.NoClass.move",
        "broker_sim.contract.limits.SOFT_LOCK_AFTER",
        "broker_sim.testing.seam.replaced",
        "conformance.runner.judge",
        "os.path.join",
    ],
)
def test_a_place_that_is_not_there_or_not_the_brokers_alone_is_refused(place: str) -> None:
    """What an overlay names must exist, and must not bend the judge."""
    before = lockout.fail
    good = Overlay("broker_sim.core.lockout.fail", _shout)
    with pytest.raises(NoSuchPlace), replaced(good, Overlay(place, _shout)):
        pytest.fail("it was laid")
    assert lockout.fail is before


def test_an_overlay_must_change_something() -> None:
    """A wrapper that gives back what it got is a mistake."""
    same = Overlay("broker_sim.core.lockout.fail", lambda fail: fail)
    with pytest.raises(ValueError, match="changes nothing"), replaced(same):
        pytest.fail("it was laid")


def test_places_that_nobody_called_are_told() -> None:
    """An overlay that was never reached cannot have been caught."""
    fail = Overlay("broker_sim.core.lockout.fail", _shout)
    settle = Overlay("broker_sim.core.lockout.succeed", _shout)
    with replaced(fail, settle) as seam:
        assert [*seam.unreached] == [fail.place, settle.place]
        lockout.fail(Open(), Policy(), NOW)
        assert [*seam.unreached] == [settle.place]


def test_a_running_broker_meets_the_overlay() -> None:
    """A broker that runs answers with what was laid over it."""
    landing = Overlay(
        "broker_sim.web.landing.handler",
        lambda handler: lambda world, _root: handler(world, "/elsewhere"),
    )
    with replaced(landing) as seam, running_broker() as broker:
        assert b"/elsewhere/services/" in urlopen(broker.url).read()
        assert not seam.unreached


def test_a_restarted_broker_answers_at_the_same_place_with_the_same_world(tmp_path: Path) -> None:
    """LOGON-6: what a process keeps in its store outlives it."""
    with running_broker(store="file", home=tmp_path) as broker:
        broker.tester.set_clock("frozen", NOW)
        told = broker.tester.describe()
        broker.restart()
        assert told == broker.tester.describe()
        assert urlopen(broker.wsdl_url).status == 200


def test_a_world_in_memory_cannot_be_restarted() -> None:
    """It would come back empty, which no process does that has a store."""
    with running_broker(store="memory") as broker, pytest.raises(RuntimeError, match="memory"):
        broker.restart()
