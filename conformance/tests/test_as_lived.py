"""Targets without a control API: their forms and their desktops are lived in, in real time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from broker_sim.testing import replaced, running_broker
from conformance.bench import RIGHT
from conformance.control import Control
from conformance.exchange import Http
from conformance.mutants import MUTANTS
from conformance.runner import Plan, judge
from conformance.target import Description, Launch, Login, reached
from conformance.tests.small_broker import TOKEN, small_broker
from conformance.verdict import Result, Verdict

START: Final = datetime(2030, 1, 1, tzinfo=UTC)
REP: Final = Login("rep@example.com", RIGHT)
LENT: Final = Login("lent", RIGHT)


@contextmanager
def lent(**options: Any) -> Iterator[tuple[Description, Control]]:
    """Run a broker with a portal and somebody in it; tell of it as of a foreign one.

    Its control API, by which they are made, is given beside that.
    """
    with ExitStack() as stack:
        broker = stack.enter_context(running_broker(**{"frozen_at": None, **options}))
        control = stack.enter_context(
            closing(Control(Http(broker.control_url), broker.control_token))
        )
        portal = {"name": "Support", "subPortals": ["General"], "username": LENT.username}
        made = [control.ask("POST", ["portals"], {**portal, "password": LENT.password})]
        made.append(control.ask("POST", ["representatives"], hired(REP)))
        assert [told["status"] for told in made] == [200, 200], made
        launch = Launch("Support", "General")
        yield Description(broker.url, logins=(LENT,), launch=launch, representative=REP), control


def hired(who: Login) -> dict[str, Any]:
    """Give what makes a representative of the portal."""
    rep = {"email": who.username, "password": who.password, "portal": "Support"}
    return {**rep, "name": "Rae", "screenName": "Rae", "team": "Crew", "subPortals": ["General"]}


@contextmanager
def described(**options: Any) -> Iterator[Description]:
    """Tell of such a broker alone."""
    with lent(**options) as (target, _):
        yield target


class Heard:
    """A progress that remembers the waits."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def begins(self, *_told: object) -> None:
        """Hear nothing."""

    def ends(self, *_told: object) -> None:
        """Hear nothing."""

    def waits(self, seconds: float) -> None:
        """Hear how long."""
        self.waited.append(seconds)


def judged(target: Description, *rules: str, heard: Heard | None = None) -> dict[str, Verdict]:
    """Judge a target by these rules."""
    plan = Plan(rules, seed=7, examples=1, shrink_seconds=1)
    with reached(target) as found:
        return {each.rule.id: each for each in judge(found, plan, heard)}


def lived(verdict: Verdict) -> set[str]:
    """Give what was met by living in the target."""
    return {case for case in verdict.cases or {} if case.startswith("as lived: ")}


def test_a_session_is_lived_by_form_and_desktop() -> None:
    """SESS-1, SESS-2, SESS-4, UPD-2, MON-2: each is met, and none is proved whole thereby."""
    heard = Heard()
    with described() as target:
        verdicts = judged(target, "SESS-1", "SESS-2", "SESS-4", "UPD-2", "MON-2", heard=heard)

    met = {rule: {case[10:] for case in lived(each)} for rule, each in verdicts.items()}
    assert met == {
        "SESS-1": {"times"},
        "SESS-2": {"waits", "accepted", "ended", "left"},
        "SESS-4": {"as entered"},
        "UPD-2": {"Ended", "Failed"},
        "MON-2": {"a queue"},
    }
    assert {each.result for each in verdicts.values()} == {Result.NOT_TESTABLE}
    assert sorted(heard.waited) == [1.5, 2.0]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("starts-when-it-is-accepted", "SESS-2"),
        ("times-are-local", "SESS-1"),
        ("begun-minutes-do-not-count", "SESS-1"),
        ("errors-have-no-end-time", "SESS-2"),
        ("acceptances-make-no-update", "UPD-2"),
        ("events-do-not-say-which-error", "SESS-2"),
    ],
)
def test_what_is_broken_shows_without_a_control_api(name: str, rule: str) -> None:
    """SESS-1, SESS-2, UPD-2: known-bad brokers are caught; a replay breaks again."""
    assert rule in MUTANTS[name].breaks or name == "starts-when-it-is-accepted"
    with replaced(*MUTANTS[name].overlays), described() as target:
        verdict = judged(target, rule)[rule]

    assert verdict.result is Result.FAIL
    assert verdict.reproduced == (3, 3)
    assert "as_lived" in verdict.place


@pytest.mark.parametrize("name", ["hides-when-to-come-back", "tells-to-come-back-too-early"])
def test_a_wait_that_is_told_wrongly_shows(name: str) -> None:
    """RATE-1: in real time, too."""
    with replaced(*MUTANTS[name].overlays), described(rate=1.0, burst=5) as target:
        verdict = judged(target, "RATE-1")["RATE-1"]

    assert verdict.result is Result.FAIL


def test_real_waits_prove_nothing_where_the_clock_stands_still() -> None:
    """SESS-1, MON-2: that is no fault of the target's."""
    with described(frozen_at=START) as target:
        verdicts = judged(target, "SESS-1", "MON-2")

    for each in verdicts.values():
        assert each.result is Result.NOT_TESTABLE
        assert "the target's clock stands still: real waits show nothing" in each.why


def test_who_waits_as_told_is_let_in() -> None:
    """RATE-1: a second of real time; a target without a limit is not judged."""
    with described(rate=5.0, burst=10) as target:
        heard = Heard()
        met = judged(target, "RATE-1", heard=heard)["RATE-1"]
    with described() as target:
        unlimited = judged(target, "RATE-1")["RATE-1"]

    assert lived(met) == {"as lived: who waits as told is let in"}
    assert heard.waited == [1.0]
    assert lived(unlimited) == set()
    assert "no limit was met in 200 calls" in unlimited.why


def test_a_target_that_lends_nobody_says_what_to_name() -> None:
    """SESS-2, in target.toml."""
    with described() as target:
        alone = Description(target.url, logins=target.logins)
        verdict = judged(alone, "SESS-2")["SESS-2"]

    assert "nobody can come: name [launch] and [representative] in target.toml" in verdict.why


def test_a_wrong_door_is_no_fault_of_the_target() -> None:
    """PORTAL-1: the reason says where nobody opened."""
    with described() as target:
        launch = Launch("Support", "General", "/no/such/form")
        there = Description(target.url, logins=(LENT,), launch=launch, representative=REP)
        verdict = judged(there, "SESS-2")["SESS-2"]

    assert any("the target has no form at /no/such/form" in why for why in verdict.why)
    assert verdict.result is Result.NOT_TESTABLE


def test_a_broker_without_desktops_is_told_so() -> None:
    """SESS-2: the second broker has logins, no Agents service and no form."""
    with small_broker() as url:
        control = Control(Http(url), TOKEN)
        portal = {"name": "p", "subPortals": ["General"], "hardLockouts": False}
        login = {"username": LENT.username, "password": LENT.password}
        control.ask("POST", ["portals"], {**portal, **login})
        control.close()
        launch = Launch("p", "General")
        target = Description(url, logins=(LENT,), launch=launch, representative=REP)
        verdict = judged(target, "SESS-2")["SESS-2"]

    assert verdict.result is Result.NOT_TESTABLE
    assert any("no Agents service" in why for why in verdict.why)
