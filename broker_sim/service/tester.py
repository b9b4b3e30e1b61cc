"""The tester's hand on a world: time, past, acts, portals, journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from broker_sim.core.access import PortalKey
from broker_sim.core.record import Representative, Session
from broker_sim.service import managers, sweeper
from broker_sim.service.acts import Acts
from broker_sim.service.journaling import Journal
from broker_sim.service.ports import Past, SettableClock, Traffic, World
from broker_sim.service.provoking import Faults
from broker_sim.service.staff_storage import Desk
from broker_sim.service.storage import Login, Portal, Transaction

_CLOCK_NOTE: Final = "clock"


@dataclass(frozen=True, slots=True)
class Tester:
    """What a tester may do to a world.

    Attributes:
        clock: the world's own, settable.
        past: fills in sessions that are over.
        traffic: live customers and representatives; None where there are none.
        staff: all representatives.
        restart: empties the world and makes it anew from a seed with that many sessions.
        seed: tells the world's seed.
        faults: what is provoked.
    """

    world: World
    clock: SettableClock
    past: Past
    journal: Journal
    acts: Acts
    staff: Callable[[], Sequence[Representative]]
    traffic: Callable[[], Traffic | None]
    restart: Callable[[int | None, int | None], None]
    seed: Callable[[], int]
    faults: Faults

    def set_clock(self, mode: str, at: datetime | None = None) -> datetime:
        """Set mode and time; give the world's time. Nothing runs but what is then due."""
        self.clock.set(mode, at)
        self._keep_clock()
        sweeper.sweep(self.world)
        return self.clock.now()

    def advance(self, to: datetime) -> datetime:
        """Move time on to `to`, doing all that falls due on the way, in order.

        Raises:
            ValueError: `to` lies in the past.
        """
        if to < self.clock.now():
            msg = f"time moves on: {to.isoformat()} is before {self.clock.now().isoformat()}"
            raise ValueError(msg)
        traffic = self.traffic()
        while traffic is not None and (at := traffic.next_at()) is not None and at <= to:
            self.clock.to(max(at, self.clock.now()))
            traffic.play(self.clock.now(), to)
        self.clock.to(to)
        self._keep_clock()
        sweeper.sweep(self.world)
        return self.clock.now()

    def _keep_clock(self) -> None:
        with self.world.store.writing() as tx:
            tx.set_note(_CLOCK_NOTE, self.clock.saved())

    def restore_clock(self) -> None:
        """Go on with the clock as the last process left it."""
        with self.world.store.reading() as tx:
            saved = tx.note(_CLOCK_NOTE)
        if saved is not None:
            self.clock.restore(saved)

    def reset(
        self, seed: int | None = None, sessions: int | None = None, at: datetime | None = None
    ) -> None:
        """Begin anew: from this seed, with that many past sessions, at that time."""
        self.journal.clear()
        self.faults.clear()
        self.faults.hostility.off()
        if at is not None:
            self.clock.to(at)
        self.restart(seed, sessions)
        self._keep_clock()

    def add_past(self, sessions: int, days: int, portal: str | None = None) -> int:
        """Add sessions over the past days, to now; give how many the world then has."""
        now = self.clock.now()
        self.past.fill(sessions, now - timedelta(days=days), now, portal)
        with self.world.store.reading() as tx:
            return tx.count_sessions()

    def perform(self, act: str, given: Mapping[str, Any]) -> Session:
        """Do one act of a customer or a representative."""
        return self.acts.perform(act, given)

    def add_portal(self, portal: Portal, username: str, password: str) -> None:
        """Add a portal and its login."""
        managers.add_portal(self.world, portal, username, password)

    def describe(self) -> Mapping[str, Any]:
        """Tell the world by the names of the control API."""
        with self.world.store.reading() as tx:
            portals, staff = _portals(tx), _staff(tx)
            sessions = tx.count_sessions()
        return {
            "seed": self.seed(),
            "clock": self._time(),
            "portals": portals,
            "representatives": staff,
            "sessions": sessions,
        }

    def outline(self) -> Mapping[str, Any]:
        """Tell the world as `describe` does, its portals and representatives left out."""
        with self.world.store.reading() as tx:
            sessions = tx.count_sessions()
        return {"seed": self.seed(), "clock": self._time(), "sessions": sessions}

    def _time(self) -> Mapping[str, Any]:
        return {"mode": self.clock.mode, "now": self.clock.now()}

    def portal(self, name: str) -> Mapping[str, Any]:
        """Tell one portal as `describe` does, however many others there are.

        Raises:
            LookupError: there is none of that name.
        """
        with self.world.store.reading() as tx:
            known = tx.portal(name)
            key = None if known is None else tx.key(name)
            if known is None or key is None:
                msg = f"there is no portal {name!r}"
                raise LookupError(msg)
            return _portal(known, key, tx.logins(name))

    def representative(self, email: str) -> Mapping[str, Any]:
        """Tell one representative as `describe` does, however many others there are.

        Raises:
            LookupError: there is none of that canonical address.
        """
        with self.world.store.reading() as tx:
            member = tx.member(email)
            if member is None:
                msg = f"there is no representative {email!r}"
                raise LookupError(msg)
            return _rep(member.rep, tx.desks(email))


def _portals(tx: Transaction) -> Sequence[Mapping[str, Any]]:
    """Tell all portals, in as many queries as for one."""
    keys, logins = tx.newest_keys(), defaultdict[str, list[Login]](list)
    for login in tx.all_logins():
        logins[login.portal].append(login)
    return [
        _portal(portal, keys[portal.name], logins[portal.name])
        for portal in tx.portals()
        if portal.name in keys
    ]


def _staff(tx: Transaction) -> Sequence[Mapping[str, Any]]:
    """Tell all representatives, in as many queries as for one."""
    desks = tx.all_desks()
    return [_rep(member.rep, desks.get(member.rep.email, ())) for member in tx.members()]


def _portal(portal: Portal, key: PortalKey, logins: Sequence[Login]) -> Mapping[str, Any]:
    return {
        "name": portal.name,
        "displayName": portal.display_name,
        "portalType": portal.portal_type,
        "subPortals": list(portal.sub_portals),
        "hardLockouts": portal.hard_lockouts,
        "codesPerRep": portal.codes_per_rep,
        "codeSeconds": portal.code_lives // timedelta(seconds=1),
        "lastUpdateId": portal.last_update_id,
        "keyVersion": key.version,
        "securityKeySet": key.secured,
        "logins": [login.username for login in logins],
    }


def _rep(rep: Representative, desks: Sequence[Desk]) -> Mapping[str, Any]:
    return {
        "email": rep.email,
        "name": rep.name,
        "screenName": rep.screen_name,
        "team": rep.team,
        "ip": rep.ip,
        "desks": [{"portal": portal, "subPortal": sub_portal} for portal, sub_portal in desks],
    }
