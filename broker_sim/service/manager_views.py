"""What the administration's pages show, as far as who looks may see it.

Source: SEC-2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker_sim.contract import limits
from broker_sim.core import connection, lockout, management, retention, staff, team
from broker_sim.core.form import Form
from broker_sim.core.lockout import Open
from broker_sim.core.management import Power
from broker_sim.service import forms
from broker_sim.service.acting import Deed, looking, portals_in, refuse_unknown
from broker_sim.service.manager_storage import Manager
from broker_sim.service.ports import World
from broker_sim.service.staff_storage import Desk, Member
from broker_sim.service.storage import Portal

_DOOMED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PortalShown:
    """A portal; `serving` is who serves each sub-portal, and `secured` whether a key is set."""

    portal: Portal
    key_version: int
    secured: bool
    logins: int
    serving: Mapping[str, Sequence[Member]]


@dataclass(frozen=True, slots=True)
class LoginShown:
    """An API login: is it on, is it locked?"""

    username: str
    connected: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class RepShown:
    """A representative, the desks of it that are in sight, and how it stands."""

    member: Member
    desks: Sequence[Desk]
    connected: bool
    locked: bool
    has_access: bool


@dataclass(frozen=True, slots=True)
class TeamShown:
    """A team, how deep it lies, and who is in it."""

    name: str
    depth: int
    parent: str | None
    members: int
    managers: Sequence[Manager]


@dataclass(frozen=True, slots=True)
class Places:
    """Where a representative may be put, as far as the manager sees."""

    teams: Sequence[tuple[str, int]]
    desks: Sequence[tuple[Portal, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What retention holds now; `next` is (session, portal, ended, goes) of what goes first."""

    now: datetime
    days: int
    sessions: int
    edge: datetime
    next: Sequence[tuple[int, str, datetime, datetime]]


def portals(world: World, by: str) -> Sequence[PortalShown]:
    """Give all portals, by name."""
    with looking(world, by, Power.PORTALS) as deed:
        return [_portal(deed, one) for one in portals_in(deed)]


def portal(world: World, by: str, name: str) -> tuple[PortalShown, Form]:
    """Give one portal, and what it asks its customers.

    Raises:
        Refused: InvalidArgument; there is none of that name.
    """
    with looking(world, by, Power.PORTALS) as deed:
        known = deed.portal(name)
        return _portal(deed, known), forms.form_of(deed.tx, known)


def _portal(deed: Deed, known: Portal) -> PortalShown:
    serving: dict[str, list[Member]] = {name: [] for name in known.sub_portals}
    for name, member in deed.tx.serving(known.name):
        serving[name].append(member)
    key = deed.tx.key(known.name)
    logins = len(deed.tx.logins(known.name))
    version, secured = (key.version, key.secured) if key else (0, False)
    return PortalShown(known, version, secured, logins, serving)


def logins(world: World, by: str) -> Sequence[tuple[Portal, Sequence[LoginShown]]]:
    """Give the API logins of every portal, by name."""
    with looking(world, by, Power.LOGINS) as deed:
        return [
            (one, [_login(deed, login.username) for login in deed.tx.logins(one.name)])
            for one in portals_in(deed)
        ]


def _login(deed: Deed, username: str) -> LoginShown:
    found = deed.tx.connection_of(username)
    connected = found is not None and connection.is_live(found, deed.now)
    return LoginShown(username, connected, _is_locked(deed, username))


def _is_locked(deed: Deed, account: str) -> bool:
    return not isinstance(lockout.settle(deed.tx.lockout(account), deed.now), Open)


def reps(world: World, by: str) -> Sequence[RepShown]:
    """Give the representatives in sight, in order of names."""
    with looking(world, by, Power.STAFF) as deed:
        seen = [one for one in deed.tx.members() if deed.sight.sees_rep(one.rep.email)]
        return [_rep(deed, one) for one in sorted(seen, key=lambda one: one.rep.name)]


def rep(world: World, by: str, email: str) -> RepShown:
    """Give one representative in sight.

    Raises:
        Refused: InvalidArgument; there is none.
    """
    with looking(world, by, Power.STAFF) as deed:
        found = deed.tx.member(email)
        if found is None or not deed.sight.sees_rep(email):
            refuse_unknown("representative")
        return _rep(deed, found)


def _rep(deed: Deed, member: Member) -> RepShown:
    email = member.rep.email
    return RepShown(
        member,
        [desk for desk in deed.tx.desks(email) if deed.sight.sees_desk(*desk)],
        staff.is_logged_on(member.presence, deed.now),
        _is_locked(deed, staff.account(email)),
        deed.tx.manager(email) is not None,
    )


def places(world: World, by: str) -> Places:
    """Give the teams and the desks in sight, for who runs representatives."""
    with looking(world, by, Power.STAFF) as deed:
        parents = _parents(deed)
        teams = [one for one in team.in_order(parents) if deed.sight.sees_team(one[0])]
        desks = [
            (one, [name for name in one.sub_portals if deed.sight.sees_desk(one.name, name)])
            for one in portals_in(deed)
        ]
        return Places(teams, desks)


def _parents(deed: Deed) -> dict[str, str | None]:
    """Give all teams with what they are in; one that only a representative names has no row."""
    found: dict[str, str | None] = {one.rep.team: None for one in deed.tx.members()}
    return found | {one.name: one.parent for one in deed.tx.teams()}


def teams(world: World, by: str) -> Sequence[TeamShown]:
    """Give all teams, each below what it is a part of."""
    with looking(world, by, Power.TEAMS) as deed:
        parents = _parents(deed)
        members = [one.rep.team for one in deed.tx.members()]
        managers = deed.tx.managers()
        return [
            TeamShown(
                name,
                depth,
                parents[name],
                members.count(name),
                [one for one in managers if one.team == name],
            )
            for name, depth in team.in_order(parents)
        ]


def managers(world: World, by: str) -> Sequence[tuple[Manager, bool]]:
    """Give (manager, whether it is locked) of all, in order of addresses."""
    with looking(world, by, Power.MANAGERS) as deed:
        return [
            (one, _is_locked(deed, management.account(one.email))) for one in deed.tx.managers()
        ]


def kept(world: World, by: str) -> Kept:
    """Tell how long sessions are kept, and which go first. RET-1."""
    with looking(world, by, Power.PORTALS) as deed:
        doomed = deed.tx.doomed(deed.now, _DOOMED_SHOWN)
        return Kept(
            deed.now,
            limits.RETENTION.days,
            deed.tx.count_sessions(),
            retention.edge(deed.now),
            [
                (one.session_id, one.portal, one.ended, retention.purge_at(one.ended))
                for one in doomed
            ],
        )
