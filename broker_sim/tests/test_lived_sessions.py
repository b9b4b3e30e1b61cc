"""AGENT-2, MON-3, PORTAL-1 to PORTAL-5, PHONE-4: whole sessions, by forms and the Agents service.

Customers use the pages over HTTP, representatives their desktops; whatever they do stands in
Sessions, Monitors and the recordings, and nothing else does.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from broker_sim.contract.monitors import MONITORS
from broker_sim.service import dispatch
from broker_sim.testing import running_broker
from broker_sim.tests.browser import Browser
from broker_sim.tests.desks import Desk, desks
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import Hands, hands_of, value_of

MINUTE = timedelta(minutes=1)
# Kept below the ten minutes after which requests and connections end by themselves.
MOST_MINUTES = 8
WATCH = {operation.name: operation for operation in MONITORS.operations}
letters = st.characters(codec="utf-8", categories=("L", "N", "P", "S"))
words = st.text(letters, min_size=1, max_size=20)
minutes = st.integers(0, 2)


@dataclass
class Lived:
    """What a naive observer remembers of one session."""

    number: int
    there: Browser
    mode: str = "Web"
    stage: str = "New"
    rep: str | None = None
    kinds: list[str] = field(default_factory=lambda: ["Posted"])
    said: list[str] = field(default_factory=list)
    sub_portal: str = ""
    ratings: list[str] = field(default_factory=list)
    successor: int | None = None


class Support(RuleBasedStateMachine):
    """Two representatives and whoever comes."""

    waiting: Bundle[Lived] = Bundle("waiting")
    accepted: Bundle[Lived] = Bundle("accepted")
    talking: Bundle[Lived] = Bundle("talking")
    over: Bundle[Lived] = Bundle("over")

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        running = self.stack.enter_context(running_broker())
        self.url = running.url
        self.hands: Hands = hands_of(running.worlds.hand(None).broker)
        with self.hands.broker.store.reading() as tx:
            portal = tx.portal(running.logins[0][0])
        assert portal is not None
        self.hands.portal = portal.name
        _, self.hands.username, self.hands.password = running.logins[0]
        self.subs = portal.sub_portals
        self.desks = [desk.sit_down() for desk in desks(self.hands)[:2]]
        self.lived: dict[int, Lived] = {}
        self.minutes = 0

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            with self.stack:
                self.check_recordings()

    def desk_of(self, one: Lived) -> Desk:
        return next(desk for desk in self.desks if desk.email == one.rep)

    def add(self, one: Lived) -> Lived:
        self.lived[one.number] = one
        return one

    @rule(target=waiting, question=words, name=words)
    def launch(self, question: str, name: str) -> Lived:
        there = Browser().get(f"{self.url}/h/{self.hands.portal}")
        there.send("Ask for help", Question=question, Name=name, SubPortal=self.subs[0])
        told = there.read()
        assert told["place"] == 1 + sum(
            one.stage == "New" and one.rep is None for one in self.lived.values()
        )
        return self.add(Lived(told["sessionId"], there, sub_portal=self.subs[0]))

    @rule(target=accepted, desk=st.integers(0, 1), name=words)
    def call(self, desk: int, name: str) -> Lived:
        """A representative reads a code to a caller, who types it."""
        made = self.desks[desk].call(
            "startByCode", portal=self.hands.portal, customer_name=name, reference_id="INC-1"
        )
        there = Browser().get(made.url).send("Connect")
        number = there.read()["sessionId"]
        one = Lived(number, there, "Phone", rep=self.desks[desk].email, sub_portal=made.sub_portal)
        one.kinds.append("Accepted")
        return self.add(one)

    @rule(target=accepted, one=consumes(waiting), desk=st.integers(0, 1))
    def accept(self, one: Lived, desk: int) -> Lived:
        self.desks[desk].call("acceptRequest", session_id=one.number)
        one.rep = self.desks[desk].email
        one.kinds.append("Accepted")
        return one

    @rule(target=over, one=consumes(waiting))
    def decline(self, one: Lived) -> Lived:
        for desk in self.desks:
            desk.call("declineRequest", session_id=one.number)
        one.kinds.append("Declined")
        one.stage = "Error"
        assert "Nobody could" in one.there.get(one.there.answer.url).text
        return one

    @rule(target=talking, one=consumes(accepted))
    def agree(self, one: Lived) -> Lived:
        one.there.get(one.there.answer.url).send("I agree, begin")
        one.kinds.append("Started")
        one.stage = "InSession"
        return one

    @rule(target=over, one=consumes(waiting) | consumes(accepted) | consumes(talking))
    def leave(self, one: Lived) -> Lived:
        one.there.get(one.there.answer.url).send("Leave")
        ends = one.stage == "InSession"
        one.kinds.append("Ended" if ends else "Abandoned")
        one.stage = "Finished" if ends else "Error"
        return one

    @rule(one=talking, text=words)
    def say(self, one: Lived, text: str) -> None:
        one.there.get(one.there.answer.url).send("Send", Text=text)
        one.kinds.append("Chat")
        one.said.append(text)

    @rule(one=talking, text=words)
    def answer(self, one: Lived, text: str) -> None:
        self.desk_of(one).call("sendChat", session_id=one.number, text=text)
        one.kinds.append("Chat")
        one.said.append(text)
        assert text in one.there.get(one.there.answer.url).frame().page.text_content()

    @rule(one=talking, data=st.binary(max_size=50))
    def send_file(self, one: Lived, data: bytes) -> None:
        self.desk_of(one).call("sendFile", session_id=one.number, name="a.bin", content=data)
        one.kinds.append("FileSent")
        one.there.get(one.there.answer.url)
        line = one.there.read()["lines"][-1]
        assert requests.get(line["file"], timeout=10).content == data

    @rule(one=talking)
    def share_and_stop(self, one: Lived) -> None:
        self.desk_of(one).call("setScreenSharing", session_id=one.number, on=True)
        one.there.get(one.there.answer.url).send("Stop sharing my screen")
        one.kinds += ["ScreenSharingOn", "ScreenSharingOff"]

    @rule(one=talking, page=st.sampled_from(["https://a.example/x?y=1&z=<2>"]))
    def push(self, one: Lived, page: str) -> None:
        self.desk_of(one).call("pushUrl", session_id=one.number, url=page)
        self.desk_of(one).call("requestDiagnostics", session_id=one.number)
        self.desk_of(one).call("rebootReconnect", session_id=one.number)
        one.kinds += ["UrlPushed", "DiagnosticsTaken", "Rebooted", "Reconnected"]

    @rule(target=over, one=consumes(talking))
    def end(self, one: Lived) -> Lived:
        self.desk_of(one).call(
            "endSession", session_id=one.number, resolution="Resolved", comment="done"
        )
        one.kinds.append("Ended")
        one.stage = "Finished"
        return one

    @rule(target=waiting, one=consumes(talking), to=st.booleans())
    def transfer(self, one: Lived, to: bool) -> Any:
        """Hand over to the other representative, or back into the queue."""
        other = next(desk.email for desk in self.desks if desk.email != one.rep)
        wanted = {"representative": other} if to else {"sub_portal": self.subs[0]}
        number = self.desk_of(one).call("transferSession", session_id=one.number, **wanted)
        one.kinds += ["Transferred", "Ended"]
        one.stage, one.successor = "Finished", number
        there = one.there.get(one.there.answer.url)
        further = self.add(Lived(number, there, one.mode, sub_portal=self.subs[0]))
        assert there.read()["sessionId"] == number
        if not to:
            return further
        further.rep = other
        further.kinds.append("Accepted")
        there.send("I agree, begin").send("Leave")
        further.kinds += ["Started", "Ended"]
        further.stage = "Finished"
        return multiple()

    @rule(one=over, answer=st.sampled_from(["Yes", "Partly", "No"]))
    def rate(self, one: Lived, answer: str) -> None:
        """Answer the survey, where there is one; a second time there is none."""
        one.there.get(one.there.answer.url)
        if one.stage != "Finished" or one.ratings:
            assert "Tell us how it was" not in one.there.text
            return
        Browser().get(one.there.read()["links"]["survey"]).send("Send", Solved=answer)
        one.kinds.append("SurveyReceived")
        one.ratings.append(answer)

    @precondition(lambda self: self.minutes < MOST_MINUTES)
    @rule(many=minutes)
    def let_time_pass(self, many: int) -> None:
        self.minutes += many
        self.hands.broker.tester.advance(START + self.minutes * MINUTE)

    @invariant()
    def sessions_tell_what_was_lived(self) -> None:
        for one in getattr(self, "lived", {}).values():
            found = self.hands.call("getSession", session_id=one.number)
            kinds = [event.kind.value for event in found.events]
            assert kinds == one.kinds
            assert (found.status, found.mode) == (one.stage, one.mode)
            assert found.representative == one.rep
            spoken = [e.detail.partition(": ")[2] for e in found.events if e.kind.value == "Chat"]
            assert all(text in line for text, line in zip(one.said, spoken, strict=True))
            assert found.transferred_to == one.successor
            assert [rating.value for rating in found.customer_ratings] == one.ratings

    @invariant()
    def monitors_agree(self) -> None:
        if not hasattr(self, "lived"):
            return
        queues = {queue.sub_portal: queue for queue in self.watched("getQueues")}
        waits = [one for one in self.lived.values() if one.stage == "New" and one.rep is None]
        assert sorted(r.session_id for r in queues[self.subs[0]].requests) == sorted(
            one.number for one in waits
        )
        reps = {rep.login: rep for rep in self.watched("getRepresentatives")}
        for desk in self.desks:
            held = [one for one in self.lived.values() if one.rep == desk.email]
            talking = sorted(one.number for one in held if one.stage == "InSession")
            assert sorted(reps[desk.email].session_ids) == talking
            assert (reps[desk.email].status == "InSession") == bool(talking)
            assert reps[desk.email].handled_today == sum(one.stage == "Finished" for one in held)

    def watched(self, operation: str) -> Any:
        """Ask the Monitors service on the same connection."""
        self.hands.call("getLastUpdateId")
        given = {"connection_id": self.hands.connection}
        return value_of(dispatch.call(self.hands.broker.world, WATCH[operation], given))

    def check_recordings(self) -> None:
        """A minute later every finished session is listed and has its files."""
        now = START + (self.minutes + 1) * MINUTE
        self.hands.broker.tester.advance(now)
        listed = self.hands.call("getSessionIds", start=START, end=now, by="Ended")
        ended = [one for one in self.lived.values() if one.stage in ("Finished", "Error")]
        assert set(listed) >= {one.number for one in ended}
        for one in ended:
            files = self.hands.call("getSession", session_id=one.number).files
            assert bool(files) == (one.stage == "Finished")
            chat = [file for file in files if file.name.startswith("chatTranscript")]
            for file in chat:
                text = requests.get(file.url, timeout=10).content.decode()
                assert all(line in text for line in one.said)


Support.TestCase.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
TestSupport = Support.TestCase
