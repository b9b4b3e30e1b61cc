"""What a manager does with sessions: look for them, look at one, replay it.

A search works backwards in time and in bounded steps, each in a transaction of its own, so that
no answer costs more than another however much is stored. What stands in columns is judged row
by row; only what passes has its record read.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from broker_sim.contract import faults
from broker_sim.contract.recording import key_id
from broker_sim.core import diagnostics, retention
from broker_sim.core.diagnostics import Section
from broker_sim.core.record import File, Session
from broker_sim.core.refusal import Refused
from broker_sim.core.reviewing import Glimpse, Place, Scope, Wanted
from broker_sim.service import recording
from broker_sim.service.ports import World
from broker_sim.service.sessions import with_urls
from broker_sim.service.settling import settle, take
from broker_sim.service.storage import Portal

PAGE: Final = 50
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CHUNKS: Final = (64, 128)  # rows that one transaction looks at: at first, and at most
_OPEN: Final = ("New", "InSession")
_INSPECTED: Final = "remoteDiagnostics.txt"
_TEXT_MOST: Final = 512 * 1024
_ID_MOST: Final = 2**63 - 1  # that a store can hold


@dataclass(frozen=True, slots=True)
class Effort:
    """How much one answer may cost: rows looked at, records read."""

    rows: int = 20_000
    records: int = 1_000


BRIEF: Final = Effort()
# An export may take longer than a page.
THOROUGH: Final = Effort(100_000, 6_000)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search.

    Attributes:
        sessions: newest first.
        following: the place behind which the search goes on; None where it is at its end.
        looked_to: how far back it has looked, where it stopped before the page was full.
    """

    sessions: tuple[Session, ...]
    following: Place | None = None
    looked_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """What was found on the customer's machine.

    `sections` is empty and `sealed` true where only the security key opens it.
    """

    sections: tuple[Section, ...] = ()
    text: str = ""
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """One sealed file.

    Attributes:
        content_key: opens this file and no other; None where the security key has to. REC-8.
    """

    file: File
    key_id: str
    content_key: bytes | None


@dataclass
class _Spent:
    """What a search has cost so far."""

    most: Effort
    rows: int = 0
    records: int = 0

    @property
    def all(self) -> bool:
        return self.rows >= self.most.rows or self.records >= self.most.records


class _Step(NamedTuple):
    """One session looked at, its record where that was worth reading.

    `stops`: no more may be spent, and what stands behind this place was not looked at.
    """

    place: Place
    session: Session | None
    stops: bool = False


def portals(world: World, scope: Scope) -> Sequence[Portal]:
    """Give the portals that a manager may see, by name."""
    with world.store.reading() as tx:
        return [one for one in tx.portals() if scope.sees_portal(one.name)]


def search(
    world: World,
    scope: Scope,
    wanted: Wanted,
    before: Place | None = None,
    *,
    most: int = PAGE,
    effort: Effort = BRIEF,
) -> Found:
    """Look for sessions behind a place of the list, newest first."""
    now = world.clock.now()
    names = [one.name for one in portals(world, scope) if wanted.portal in ("", one.name)]
    for name in names:
        with world.store.writing() as tx:
            settle(tx, name, now)
    named = _named(world, scope, wanted, now) if before is None else None
    if named is not None:
        return Found((named,))
    found = list[Session]()
    for step in _walk(world, scope, wanted, names, before, now, _Spent(effort)):
        if step.stops:
            return Found(tuple(found), step.place, step.place[0])
        session = step.session
        if session is not None and scope.sees(session) and wanted.fits(session, now):
            if len(found) == most:
                return Found(tuple(found), (found[-1].posted, found[-1].session_id))
            found.append(session)
    return Found(tuple(found))


def _named(world: World, scope: Scope, wanted: Wanted, now: datetime) -> Session | None:
    """Give the session whose id the search's text is, if it is one."""
    if not (wanted.text.isascii() and wanted.text.isdigit() and len(wanted.text) <= 18):
        return None
    with world.store.reading() as tx:
        held = tx.held(int(wanted.text))
    if held is None or retention.is_gone(held.session.ended, now):
        return None
    fits = scope.sees(held.session) and wanted.fits(held.session, now)
    return held.session if fits else None


def _walk(
    world: World,
    scope: Scope,
    wanted: Wanted,
    names: Sequence[str],
    before: Place | None,
    now: datetime,
    spent: _Spent,
) -> Iterator[_Step]:
    """Look through portals, the newest sessions first."""
    first = (now + timedelta(days=1), 0) if before is None else before
    first = first if wanted.end is None else min(first, (wanted.end, 0))

    def portal(name: str) -> Iterator[_Step]:
        for glimpses, goes_on in _chunks(world, name, wanted, first, now):
            read = [g for g in glimpses if scope.may_see(g) and wanted.at_a_glance(g, now)]
            with world.store.reading() as tx:
                held = {g.session_id: tx.held(g.session_id) for g in read}
            spent.rows += len(glimpses)
            spent.records += len(read)
            for glimpse in glimpses:
                record = held.get(glimpse.session_id)
                yield _Step(glimpse.place, None if record is None else record.session)
            if goes_on and spent.all:
                yield _Step(glimpses[-1].place, None, stops=True)
                return

    return heapq.merge(*map(portal, names), key=lambda step: step.place, reverse=True)


def _chunks(
    world: World, portal: str, wanted: Wanted, before: Place, now: datetime
) -> Iterator[tuple[Sequence[Glimpse], bool]]:
    """Give a portal's sessions in pieces, each with whether another one may follow."""
    start, edge = wanted.start or _EPOCH, retention.edge(now)
    if wanted.status in _OPEN:  # few, and found by an index of their own
        with world.store.reading() as tx:
            found = tx.open_glimpses(portal)
        yield [one for one in found if one.place < before and one.posted >= start], False
        return
    size, most = _CHUNKS
    while True:
        with world.store.reading() as tx:
            found = tx.glimpses(portal, start, before, size, ended_after=edge)
        goes_on = len(found) == size
        yield found, goes_on
        if not goes_on:
            return
        before, size = found[-1].place, min(2 * size, most)


def look(world: World, scope: Scope, session_id: int) -> Session:
    """Give one session with its files, which are made when it is first asked for.

    Raises:
        Refused: NoSuchSession, where a manager may not see it, too; SessionPurged.
    """
    if session_id > _ID_MOST:
        raise Refused(faults.NO_SUCH_SESSION)
    now = world.clock.now()
    with world.store.writing() as tx:
        gone = tx.purged_at(session_id)
        if gone is not None and not (scope.whole and scope.sees_portal(gone[0])):
            raise Refused(faults.NO_SUCH_SESSION)
        held = tx.held(session_id)
        if held is not None and not scope.sees(held.session):
            raise Refused(faults.NO_SUCH_SESSION)
        held = take(tx, session_id, now)
        key = tx.key(held.session.portal, held.key_version or None)
    assert key is not None
    session = held.session
    if held.recorded and not session.files:
        session = replace(session, files=recording.made(world, held, key))
    return with_urls(world, session, now)


def inspected(world: World, session: Session) -> Diagnostics | None:
    """Give what was found on the customer's machine; None where nobody looked, or not yet."""
    file = next((f for f in session.files if f.name == _INSPECTED), None)
    if file is None:
        return None
    if file.encrypted:
        return Diagnostics(sealed=True)
    found = recording.locate(world, session.session_id, file.name)
    if found is None or file.size > _TEXT_MOST:
        return None
    text = b"".join(found.read(0, file.size)).decode()
    return Diagnostics(diagnostics.sections(text), text)


def recordings(world: World, session: Session) -> Sequence[Recording]:
    """Give the recorded screens, the customer's first.

    What the portal's default key wraps has its own key unwrapped: the default key, which opens
    all of a portal's, goes to no page. REC-8.
    """
    screens = [f for f in session.files if f.channel in ("RemoteScreen", "LocalScreen")]
    screens.sort(key=lambda file: file.channel != "RemoteScreen")
    return [_sealed(world, session, file) for file in screens]


def sealed_diagnostics(world: World, session: Session) -> Recording | None:
    """Give the diagnostics that only the security key opens; None where there are none."""
    for file in session.files:
        if file.name == _INSPECTED and file.encrypted:
            return _sealed(world, session, file)
    return None


def _sealed(world: World, session: Session, file: File) -> Recording:
    with world.store.reading() as tx:
        key = tx.key(session.portal, file.key_version)
    wrapped, content_key = file.wrapped_key, None
    if key is not None and wrapped is not None and not key.secured:
        content_key = world.vault.content_key(key, wrapped)
    return Recording(file, key_id(session.session_id, file.name), content_key)
