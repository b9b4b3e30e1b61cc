"""What goes on now, for the first page of the Management Center.

The numbers are those of the Monitors service, of one portal or of all that the manager sees;
the work does not grow with what is stored.

Source: MON-1, MON-2, SEC-2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broker_sim.contract import faults
from broker_sim.core import dashboard, management, staff
from broker_sim.core.connection import Connection
from broker_sim.core.dashboard import Mark, Today
from broker_sim.core.management import Power
from broker_sim.core.refusal import Refused
from broker_sim.service import monitors
from broker_sim.service.acting import Deed, Sight, portals_in, refuse_unknown, sight_of
from broker_sim.service.monitors import QueueAnswer, RepresentativeAnswer
from broker_sim.service.ports import Call, World
from broker_sim.service.storage import MustWrite, Portal, Transaction


@dataclass(frozen=True, slots=True)
class Queue:
    """One sub-portal as it stands."""

    portal: Portal
    told: QueueAnswer
    mark: Mark

    @property
    def longest(self) -> timedelta:
        """How long the request has waited that waits longest."""
        return timedelta(seconds=self.told.longest_wait_seconds)


@dataclass(frozen=True, slots=True)
class Rep:
    """One representative as it stands, over all portals that were asked about.

    Attributes:
        serves: (display name of the portal, sub-portals) of each.
        session_ids: those that it is in.
    """

    told: RepresentativeAnswer
    serves: Sequence[tuple[str, Sequence[str]]]
    session_ids: Sequence[int]
    handled_today: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that the page shows.

    Attributes:
        portals: that the manager may choose from.
        chosen: one of their names; empty for all.
        longest: how long the request has waited that waits longest; None where none does.
    """

    now: datetime
    portals: Sequence[Portal]
    chosen: str
    queues: Sequence[Queue]
    reps: Sequence[Rep]
    today: Today
    waiting: int
    longest: timedelta | None

    @property
    def over(self) -> int:
        """How many queues are over their threshold."""
        return sum(queue.mark is Mark.OVER for queue in self.queues)


def look(world: World, by: str, portal: str = "") -> Seen:
    """Give what goes on now in a portal, or (empty) in all that the manager sees.

    Raises:
        Refused: NotPermitted; InvalidArgument where the manager sees no such portal.
    """
    now = world.clock.now()
    if world.store.reads_beside:
        try:
            with world.store.reading() as tx:
                return _look(world, tx, now, by, portal)
        except MustWrite:
            pass
    with world.store.writing() as tx:
        return _look(world, tx, now, by, portal)


def _look(world: World, tx: Transaction, now: datetime, by: str, chosen: str) -> Seen:
    manager = tx.manager(by)
    if manager is None:
        raise Refused(faults.NOT_PERMITTED)
    management.refuse_powerless(manager.role, Power.DASHBOARD)
    deed = Deed(world, tx, now, manager, sight_of(tx, manager))
    portals = portals_in(deed)
    asked = [one for one in portals if chosen in ("", one.name)]
    if chosen and not asked:
        refuse_unknown("portal")
    calls = [(one, Call(world, now, tx, Connection("", one.name, now))) for one in asked]
    queues = [queue for one, call in calls for queue in _queues(one, call, deed.sight)]
    waits = [timedelta(seconds=q.told.longest_wait_seconds) for q in queues if q.told.waiting]
    return Seen(
        now,
        portals,
        chosen,
        queues,
        _reps(calls, deed.sight),
        sum((_today(tx, one, now, deed.sight) for one in asked), Today()),
        sum(queue.told.waiting for queue in queues),
        max(waits, default=None),
    )


def _queues(portal: Portal, call: Call, sight: Sight) -> Iterator[Queue]:
    for told in monitors.get_queues(call):
        if sight.sees_desk(portal.name, told.sub_portal):
            wait = timedelta(seconds=told.longest_wait_seconds)
            yield Queue(portal, told, dashboard.mark(told.waiting, wait))


def _reps(calls: Sequence[tuple[Portal, Call]], sight: Sight) -> Sequence[Rep]:
    """Give everybody once, in order of names, whatever number of portals one serves."""
    found: dict[str, Rep] = {}
    for portal, call in calls:
        for told in monitors.get_representatives(call):
            if sight.sees_rep(told.login):
                found[told.login] = _with(found.get(told.login), portal, told)
    return sorted(found.values(), key=lambda rep: (rep.told.name, rep.told.login))


def _with(known: Rep | None, portal: Portal, told: RepresentativeAnswer) -> Rep:
    serves = (portal.display_name, told.sub_portals)
    if known is None:
        return Rep(told, [serves], told.session_ids, told.handled_today)
    return replace(
        known,
        serves=[*known.serves, serves],
        session_ids=[*known.session_ids, *told.session_ids],
        handled_today=known.handled_today + told.handled_today,
    )


def _today(tx: Transaction, portal: Portal, now: datetime, sight: Sight) -> Today:
    found: Mapping[str, Today] = dict(tx.posted_between(portal.name, *staff.today(now)))
    seen = (day for name, day in found.items() if sight.sees_desk(portal.name, name))
    return sum(seen, Today())
