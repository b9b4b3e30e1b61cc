"""What is lent may be in use, or ask for more; and it is given back, however a run ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import find
from hypothesis import strategies as st

from broker_sim.testing import replaced
from conformance.bench import RIGHT, Bench
from conformance.broker.as_lived import (
    a_queue_counts_real_seconds,
    sessions_are_lived_by_form_and_desktop,
    who_leaves_the_queue_was_in_no_session,
)
from conformance.caller import Outcome
from conformance.control import Control
from conformance.coverage import Tally
from conformance.desk import follow
from conformance.hands import Hands, Missing
from conformance.mutants import MUTANTS
from conformance.target import BadTarget, Description, Launch, Login, reached
from conformance.target_file import from_toml
from conformance.tests.test_as_lived import LENT, REP, START, described, hired, judged, lent, lived
from conformance.verdict import Result

COLLEAGUE: Final = Login("colleague@example.com", RIGHT)
SERIAL: Final = {"fields": [{"name": "Name"}, {"name": "Serial", "required": True}]}


def left(target: Description) -> tuple[int, set[int]]:
    """Tell how many wait in the portal, and which sessions of it have not ended."""
    with reached(target) as found:
        hands = Hands(found)
        login = {"username": LENT.username, "password": LENT.password}
        connection = hands.call("logon", **login)["gives"]
        queues = hands.call("getQueues", service="Monitors", connection_id=connection)["gives"]
        log = follow(hands, connection_id=connection, since=0)["gives"]["entries"]
        hands.call("logoff", connection_id=connection)
    kinds = {kind: {each["session_id"] for each in log if each["kind"] == kind} for kind in KINDS}
    return sum(each["waiting"] for each in queues), kinds["Posted"] - kinds["Ended"] - kinds[
        "Failed"
    ]


KINDS: Final = ("Posted", "Ended", "Failed")


def test_nobody_is_left_logged_on_or_waiting() -> None:
    """A second run finds the target as the first did."""
    with described() as target:
        first = judged(target, "SESS-2", "UPD-2")
        second = judged(target, "SESS-2", "UPD-2")
        assert left(target) == (0, set())

    assert [lived(each) for each in first.values()] == [lived(each) for each in second.values()]


def test_nothing_is_left_where_the_clock_stands_still() -> None:
    """MON-2, SESS-1: what ends a check in its middle ends no customer's wait."""
    with described(frozen_at=START) as target:
        judged(target, "MON-2", "SESS-1")
        assert left(target) == (0, set())


def test_nothing_is_left_of_what_breaks_a_rule() -> None:
    """SESS-2: a session that was accepted, neither by the judging nor by replays of the failure."""
    wrong = MUTANTS["starts-when-it-is-accepted"]
    with replaced(*wrong.overlays), described() as target:
        verdict = judged(target, "SESS-2")["SESS-2"]
        assert (verdict.result, verdict.reproduced) == (Result.FAIL, (3, 3))
        assert left(target) == (0, set())


def test_a_representative_who_works_elsewhere_is_no_fault_of_the_target() -> None:
    """AGENT-1: as with an API login; the reason names the address."""
    with described() as target, reached(target) as found:
        login = {"username": REP.username, "password": REP.password}
        assert "gives" in Hands(found).call("logon", service="Agents", **login)
        verdicts = judged(target, "SESS-2", "AGENT-1")

    assert {each.result for each in verdicts.values()} == {Result.NOT_TESTABLE}
    said = "the lent representative rep@example.com is logged on elsewhere"
    assert said in verdicts["SESS-2"].why


def test_a_form_that_asks_for_more_is_filled_in_or_no_fault_of_the_target() -> None:
    """PORTAL-1: what it asks for is named, and can be lent."""
    with lent() as (target, control):
        assert control.ask("PUT", ["portals", "Support", "form"], SERIAL)["status"] == 200
        verdicts = judged(target, "SESS-2", "PORTAL-1")
        more = Launch("Support", "General", fields={"Serial": "SN-1"})
        filled = judged(replace(target, launch=more), "SESS-2")["SESS-2"]

    assert {each.result for each in verdicts.values()} == {Result.NOT_TESTABLE}
    said = "the form asks for Serial: fill it in by [launch.fields] in target.toml"
    assert said in verdicts["SESS-2"].why
    assert lived(filled) == {
        "as lived: waits",
        "as lived: accepted",
        "as lived: ended",
        "as lived: left",
    }


class Beaten(Bench):
    """A bench at which a colleague takes what waits before a verb or an operation."""

    def __init__(self, hands: Hands, control: Control, before: str) -> None:
        super().__init__(hands, "beaten", Tally())
        self._control = control
        self._before = before

    def do(self, verb: str, /, **arguments: Any) -> Outcome:
        """Do it, too late."""
        if self._before in (verb, arguments.get("name")):
            (launched,) = (step for step in self.history.steps if step.verb == "launch")
            act = {"act": "accept", "sessionId": launched.outcome["sessionId"]}
            self._control.ask("POST", ["acts"], {**act, "representative": COLLEAGUE.username})
        return super().do(verb, **arguments)


@pytest.mark.parametrize(
    ("before", "lives"),
    [
        ("getSession", sessions_are_lived_by_form_and_desktop),
        ("acceptRequest", sessions_are_lived_by_form_and_desktop),
        ("follow_link", who_leaves_the_queue_was_in_no_session),
        ("getQueues", a_queue_counts_real_seconds),
    ],
)
def test_a_colleague_who_is_quicker_is_no_fault_of_the_target(
    before: str, lives: Callable[[Bench, st.DataObject], None]
) -> None:
    """AGENT-1, SESS-2, MON-2: whoever else serves the sub-portal may take what waits."""
    with lent() as (target, control), reached(target) as found:
        assert control.ask("POST", ["representatives"], hired(COLLEAGUE))["status"] == 200
        bench = Beaten(Hands(found), control, before)
        with pytest.raises(Missing, match="lend a sub-portal that nobody but"):
            lives(bench, find(st.data(), lambda _: True))
        bench.give_back()
        assert left(target) == (0, set())


def test_a_representative_of_another_desk_is_no_fault_of_the_target() -> None:
    """AGENT-1: who does not serve the sub-portal may take nothing there."""
    with lent() as (target, control):
        other = {"name": "Other", "subPortals": ["Billing"], "username": "o", "password": RIGHT}
        assert control.ask("POST", ["portals"], other)["status"] == 200
        rep = {**hired(COLLEAGUE), "portal": "Other", "subPortals": ["Billing"]}
        assert control.ask("POST", ["representatives"], rep)["status"] == 200
        verdict = judged(replace(target, representative=COLLEAGUE), "SESS-1")["SESS-1"]

    assert verdict.result is Result.NOT_TESTABLE
    assert "colleague@example.com may take no requests in 'General'" in verdict.why


@pytest.mark.parametrize("wrong", ["fields = 'Serial'", "fields = { Question = 'Why?' }"])
def test_fields_that_cannot_be_lent_are_refused(tmp_path: Path, wrong: str) -> None:
    """target.toml: names and values, of what the suite does not fill in by itself."""
    file = tmp_path / "target.toml"
    launch = "[launch]\nportal = 'Support'\nsub_portal = 'General'\n"
    file.write_text(f"url = 'http://b.example'\n{launch}fields = {{ Serial = 7 }}\n")
    described = from_toml(file).launch
    assert described is not None
    assert described.fields == {"Serial": "7"}
    file.write_text(f"url = 'http://b.example'\n{launch}{wrong}\n")

    with pytest.raises(BadTarget, match="has names and values"):
        from_toml(file)
