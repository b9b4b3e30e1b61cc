"""SESS-5, UPD-1 to UPD-3, RET-1 to RET-4: the store agrees with a naive model of it."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from broker_sim.contract import faults, limits
from broker_sim.contract.sessions import ORDER
from broker_sim.core import session
from broker_sim.core.record import Change, File, Labelled, Stage
from broker_sim.core.refusal import Refused
from broker_sim.service.storage import Doomed, Held
from broker_sim.tests.store_model import NINETY, StoreModel, same
from broker_sim.tests.stores import KINDS, PORTALS, START, opened

TICK = timedelta(milliseconds=1)
DAY = timedelta(days=1)

portals = st.sampled_from(sorted(PORTALS))
waits = st.sampled_from([0 * DAY, TICK, NINETY - TICK, NINETY])
# Times of a session, told from now.
agos = st.sampled_from([0 * DAY, TICK, NINETY - TICK, NINETY, NINETY + TICK])
some_changes = st.lists(st.sampled_from([c for c in Change if c is not Change.PURGED]), max_size=3)
# Without control characters: XML carries them nowhere, and PostgreSQL refuses the first of them.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4)
sizes = st.integers(1, 4)
lists_of_files = st.lists(
    st.builds(
        File,
        channel=st.just("Chat"),
        name=texts,
        size=st.integers(0, 2**40),
        sha256=st.just("00"),
        encrypted=st.booleans(),
        wrapped_key=st.none() | st.binary(max_size=3),
        key_version=st.none() | sizes,
    ),
    max_size=2,
)


class Wrong(Exception):  # noqa: N818  something foreign that goes wrong inside a transaction
    """Not a refusal."""


class AgainstTheModel(RuleBasedStateMachine):
    """Every read of the store gives what the model gives."""

    kind: ClassVar[str]

    @initialize()
    def open(self) -> None:
        self.open_things = ExitStack()
        self.store = self.open_things.enter_context(opened(self.kind))
        self.model = StoreModel()
        self.places: set[tuple[int, str]] = set()
        self.now = START

    def teardown(self) -> None:
        if hasattr(self, "open_things"):
            self.open_things.close()

    def edge(self) -> datetime:
        return self.now - NINETY

    def pick(self, data: st.DataObject) -> Held:
        return self.model.held[data.draw(st.sampled_from(sorted(self.model.held)))]

    @rule(after=waits, portal=portals, data=st.data(), text=texts, waits_for=waits)
    def post(
        self, after: timedelta, portal: str, data: st.DataObject, text: str, waits_for: timedelta
    ) -> None:
        """A new session, with an id that was never there before."""
        self.now += after
        sub = data.draw(st.sampled_from(PORTALS[portal]))
        entries = (Labelled(None, text), Labelled(text, ""))
        with self.store.writing() as tx:
            number = tx.next_session_id()
            begun = session.post(number, portal, sub, text, self.now, smart_box_entries=entries)
            held = Held(begun, due=self.now + waits_for)
            stored = tx.put(held, (Change.POSTED,), self.now)
        assert number > self.model.highest_id
        assert number >= limits.FIRST_SESSION_ID
        self.model.highest_id = number
        same(stored, self.model.put(held, (Change.POSTED,), self.now))

    @precondition(lambda self: self.model.held)
    @rule(after=waits, data=st.data(), changes=some_changes, ago=agos | st.none())
    def change(
        self, after: timedelta, data: st.DataObject, changes: list[Change], ago: timedelta | None
    ) -> None:
        """A session takes a step, mostly to its end."""
        self.now += after
        was = self.pick(data)
        record = replace(
            was.session,
            stage=data.draw(st.sampled_from(Stage)),
            started=data.draw(st.none() | agos.map(lambda ago: self.now - ago)),
            ended=None if ago is None else self.now - ago,
            representative=data.draw(st.none() | texts),
        )
        due = data.draw(st.none() | waits.map(lambda wait: self.now + wait))
        held = replace(was, session=record, due=due, recorded=data.draw(st.booleans()))
        with self.store.writing() as tx:
            stored = tx.put(held, changes, self.now)
        same(stored, self.model.put(held, changes, self.now))

    @precondition(lambda self: self.model.held)
    @rule(data=st.data(), files=lists_of_files, name=texts, kept=st.binary(max_size=3) | texts)
    def put_beside(
        self, data: st.DataObject, files: list[File], name: str, kept: bytes | str
    ) -> None:
        """Files, their bytes and notes are no change: neither the log nor any order moves."""
        was = self.pick(data)
        number = was.session.session_id
        key = kept if isinstance(kept, bytes) else f"{number}/{name}/{kept}"
        with self.store.writing() as tx:
            tx.put_files(number, files)
            tx.put_blob(number, name, key)
            tx.set_note(name, repr(kept))
            same(tx.blob(number, name), key)
        self.model.held[number] = replace(was, session=replace(was.session, files=tuple(files)))
        self.model.blobs[number, name] = key
        self.places.add((number, name))
        self.model.notes[name] = repr(kept)

    @rule(after=waits, limit=sizes)
    def purge(self, after: timedelta, limit: int) -> None:
        """RET-2: all of a session goes but id, portal and instant; RET-4: an open one stays."""
        self.now += after
        with self.store.writing() as tx:
            found = tx.doomed(self.edge(), limit)
            same(found, self.doomed()[:limit])
            for one in found:
                tx.purge(one, self.now)
        for one in found:
            self.model.purge(one.session_id, self.now)

    def doomed(self) -> list[Doomed]:
        ends = self.model.doomed(self.edge())
        return [Doomed(n, self.model.held[n].session.portal, ended) for ended, n in ends]

    @rule(after=waits, limit=sizes)
    def forget(self, after: timedelta, limit: int) -> None:
        """RET-2: purge entries go after their own ninety days."""
        self.now += after
        gone = 1
        while gone:
            with self.store.writing() as tx:
                gone = tx.forget(self.edge(), limit)
        self.model.forget(self.edge())

    @precondition(lambda self: self.model.held)
    @rule(data=st.data(), changes=some_changes, refused=st.booleans())
    def break_off(self, data: st.DataObject, changes: list[Change], refused: bool) -> None:
        """LOGON-5, UPD-1: a refusal commits; anything else leaves no trace."""
        was = self.pick(data)
        ending = Refused(faults.OUT_OF_TURN) if refused else Wrong()
        with suppress(Refused, Wrong), self.store.writing() as tx:
            tx.put(was, changes, self.now)
            tx.set_note("a", "broken off")
            raise ending
        if refused:
            self.model.put(was, changes, self.now)
            self.model.notes["a"] = "broken off"

    @rule(portal=portals, back=st.integers(0, 6), limit=sizes, ahead=waits)
    def read_a_page(self, portal: str, back: int, limit: int, ahead: timedelta) -> None:
        """UPD-1: growing, whole and once, over all pages from any cursor."""
        since = max(0, self.model.last[portal] - back)
        with self.store.reading() as tx:
            page = tx.updates(portal, since, limit, ended_after=self.edge())
            due = tx.due(portal, self.now + ahead, limit)
        same(page, self.model.updates(portal, since, limit, self.edge()))
        same(due, self.model.due(portal, self.now + ahead, limit))

    @rule(
        portal=portals,
        by=st.sampled_from(ORDER.words),
        ago=agos,
        span=waits,
        data=st.data(),
        limit=sizes,
    )
    def list_ids(
        self,
        portal: str,
        by: str,
        ago: timedelta,
        span: timedelta,
        data: st.DataObject,
        limit: int,
    ) -> None:
        """SESS-5: half-open, ordered by (time, id), behind the id given."""
        start, end = self.now - ago, self.now - ago + span
        mine = [n for n, held in self.model.held.items() if held.session.portal == portal]
        after = data.draw(st.sampled_from(mine) | st.none()) if mine else None
        subs = data.draw(st.lists(st.sampled_from(PORTALS[portal]), unique=True, max_size=2))
        with self.store.reading() as tx:
            page = tx.session_ids(
                portal,
                by,
                start,
                end,
                ended_after=self.edge(),
                sub_portals=subs,
                after=after,
                limit=limit,
            )
        expected = self.model.ids(portal, by, start, end, self.edge(), subs, after, limit)
        same(page, expected)

    @invariant()
    def every_read_agrees(self) -> None:
        if hasattr(self, "store"):
            self.sessions_agree()
            for name in PORTALS:
                self.portal_agrees(name)

    def sessions_agree(self) -> None:
        model = self.model
        dues = [held.due for held in model.held.values() if held.due is not None]
        with self.store.reading() as tx:
            same({number: tx.held(number) for number in model.held}, model.held)
            same({number: tx.purged_at(number) for number in model.tombs}, model.tombs)
            assert not any(tx.held(number) for number in model.tombs)
            assert not any(tx.purged_at(number) for number in model.held)
            same(
                {p: tx.blob(*p) for p in self.places}, {p: model.blobs.get(p) for p in self.places}
            )
            same(set(tx.orphans()), model.orphans)
            same({name: tx.note(name) for name in model.notes}, model.notes)
            same(tx.count_sessions(), len(model.held))
            same(tx.doomed(self.edge(), 1000), self.doomed())
            same(tx.next_due(), min(dues, default=None))
            same(tx.portals_due(self.now), self.portals_due())

    def portals_due(self) -> list[str]:
        held = [one for one in self.model.held.values() if one.due is not None]
        return sorted({one.session.portal for one in held if (one.due or self.now) <= self.now})

    def portal_agrees(self, name: str) -> None:
        edge, now = self.edge(), self.now
        with self.store.reading() as tx:
            portal = tx.portal(name)
            assert portal is not None
            same(portal.last_update_id, self.model.last[name])
            same(tx.floor(name, edge), self.model.floor(name, edge))
            page = tx.updates(name, 0, 1000, ended_after=edge)
            same(page, self.model.updates(name, 0, 1000, edge))
            for by in ORDER.words:
                ids = tx.session_ids(
                    name, by, edge, now, ended_after=edge, sub_portals=(), after=None, limit=1000
                )
                same(ids, self.model.ids(name, by, edge, now, edge, (), None, 1000))


def _machine(kind: str) -> type[Any]:
    machine: Any = type(f"On{kind.title()}", (AgainstTheModel,), {"kind": kind})
    machine.TestCase.settings = settings(
        max_examples=40 if kind == "memory" else 10, stateful_step_count=30, deadline=None
    )
    case: type[Any] = machine.TestCase
    return case


TestInMemory, TestInAFile, TestInPostgreSql = map(_machine, KINDS)
