"""What managers do about representatives: hire and change them, their desks, their passwords.

Source: SEC-2, PORTAL-3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from broker_sim.contract import limits
from broker_sim.core import access, management, password, routing, staff
from broker_sim.core.lockout import Open
from broker_sim.core.management import Power, Role
from broker_sim.core.record import Representative
from broker_sim.core.staleness import refuse_stale
from broker_sim.service import alerts
from broker_sim.service.acting import Deed, acting, refuse_unknown, wrong
from broker_sim.service.manager_storage import Manager
from broker_sim.service.managers import check_names
from broker_sim.service.ports import World
from broker_sim.service.staff_storage import Desk, Hired, Member

_ADDRESS_MAX = limits.NAME_MAX - 1  # a character tells whose account it is


def hire(
    world: World, by: str, rep: Representative, typed: str, desks: Sequence[Desk]
) -> Representative:
    """Add a representative of a team in sight, for desks in sight.

    Raises:
        Refused: InvalidArgument, NotPermitted.
    """
    check_names(email=rep.email, name=rep.name, screenName=rep.screen_name, team=rep.team)
    hired = replace(rep, email=access.canonical(rep.email))
    if "@" not in hired.email or not 3 <= len(hired.email) <= _ADDRESS_MAX:
        raise wrong("email", "it is no e-mail address")
    password.refuse_weak("password", typed, hired.email, hired.name)
    hashed = world.vault.hash_password(typed)
    with acting(world, by, Power.STAFF) as deed:
        _check_place(deed, hired.team, desks)
        # A manager's address, too: a representative's access would be the manager's.
        if deed.tx.member(hired.email) or deed.tx.manager(hired.email):
            raise wrong("email", "it is taken")
        deed.tx.hire([Hired(hired, hashed, tuple(desks))], deed.now)
        deed.note("representative.hire", hired.email, f"{hired.name}, {hired.team}")
    return hired


def _check_place(deed: Deed, team: str, desks: Sequence[Desk]) -> None:
    """Refuse a team or a desk that is not there, as far as the manager can see."""
    known = {one.name for one in deed.tx.teams()} | {one.rep.team for one in deed.tx.members()}
    if team not in known or not deed.sight.sees_team(team):
        raise wrong("team", "there is no such team")
    for portal, sub_portal in desks:
        found = deed.tx.portal(portal)
        there = found is not None and sub_portal in found.sub_portals
        if not there or not deed.sight.sees_desk(portal, sub_portal):
            refuse_unknown("desks")


def change(world: World, by: str, wanted: Representative, *, seen: str | None = None) -> None:
    """Give a representative other names or another team; its address stays.

    Here and below, `seen` is the mark of what the manager's form showed; see `refuse_stale`.
    """
    check_names(name=wanted.name, screenName=wanted.screen_name, team=wanted.team)
    with acting(world, by, Power.STAFF) as deed:
        member = deed.member(wanted.email)
        refuse_stale(seen, named(member.rep), named(wanted))
        if wanted.team != member.rep.team:
            _check_place(deed, wanted.team, ())
        changed = replace(
            member.rep, name=wanted.name, screen_name=wanted.screen_name, team=wanted.team
        )
        if changed == member.rep:
            return
        deed.tx.change_rep(changed)
        known = _access(deed, changed.email)
        if known is not None and known.name != changed.name:
            deed.tx.put_manager(replace(known, name=changed.name))
        said = f"{changed.name}, {changed.screen_name}, {changed.team}"
        deed.note("representative.change", changed.email, said)


def named(rep: Representative) -> tuple[str, str, str]:
    """Give what `change` may change."""
    return (rep.name, rep.screen_name, rep.team)


def _access(deed: Deed, email: str) -> Manager | None:
    """Give a representative's own access, if it has one; another manager of its name is not it."""
    manager = deed.tx.manager(email)
    return manager if manager is not None and manager.role is Role.REPRESENTATIVE else None


def set_desks(
    world: World, by: str, email: str, desks: Sequence[Desk], *, seen: str | None = None
) -> None:
    """Let a representative serve these desks; what is out of the manager's sight stays.

    Who takes requests is alerted to what waits at its new desks.

    Raises:
        Refused: InvalidArgument; a new desk for who is deactivated. NotPermitted.
    """
    with acting(world, by, Power.STAFF) as deed:
        member = deed.member(email)
        _check_place(deed, member.rep.team, desks)
        served = set(deed.tx.desks(member.rep.email))
        shown = {desk for desk in served if deed.sight.sees_desk(*desk)}
        refuse_stale(seen, tuple(sorted(shown)), tuple(sorted(set(desks))))
        added, taken = sorted(set(desks) - served), sorted(shown - set(desks))
        if added:
            _refuse_inactive("desks", member)
        for desk in taken:
            deed.tx.unassign(member.rep.email, desk)
        for desk in added:
            deed.tx.assign(member.rep.email, desk)
        if added or taken:
            alerts.arrived(deed.tx, member, deed.now)
            said = [f"+{portal}/{sub}" for portal, sub in added]
            said += [f"-{portal}/{sub}" for portal, sub in taken]
            deed.note("representative.desks", member.rep.email, ", ".join(said))


def _refuse_inactive(field: str, member: Member) -> None:
    """Refuse a desk for who is deactivated: customers were led to who cannot log on."""
    if not member.is_active:
        name = member.rep.name
        raise wrong(field, f"{name} is deactivated: a new password makes it active again")


def serve(
    world: World,
    by: str,
    portal: str,
    sub_portal: str,
    emails: Sequence[str],
    *,
    seen: str | None = None,
) -> None:
    """Let these representatives serve a sub-portal, and nobody else whom the manager sees.

    Raises:
        Refused: InvalidArgument; one who is deactivated begins to. NotPermitted.
    """
    with acting(world, by, Power.STAFF) as deed:
        known = deed.portal(portal)
        if sub_portal not in known.sub_portals or not deed.sight.sees_desk(portal, sub_portal):
            refuse_unknown("subPortal")
        members = {one.rep.email: one for one in map(deed.member, emails)}
        wanted = set(members)
        now = {one.rep.email for one in deed.tx.members_at(portal, sub_portal)}
        now = {email for email in now if deed.sight.sees_rep(email)}
        refuse_stale(seen, tuple(sorted(now)), tuple(sorted(wanted)))
        added = [members[email] for email in sorted(wanted - now)]
        _exchange(deed, (portal, sub_portal), added, sorted(now - wanted))


def _exchange(deed: Deed, desk: Desk, added: Sequence[Member], taken: Sequence[str]) -> None:
    for member in added:
        _refuse_inactive("representative", member)
    for email in taken:
        deed.tx.unassign(email, desk)
    for member in added:
        deed.tx.assign(member.rep.email, desk)
        alerts.arrived(deed.tx, member, deed.now)
    if added or taken:
        said = [*(f"+{one.rep.email}" for one in added), *(f"-{email}" for email in taken)]
        deed.note("subportal.serve", desk[1], ", ".join(said), desk[0])


def reset_password(world: World, by: str, email: str, typed: str) -> None:
    """Give a representative a new password, which ends what it has open. Slow."""
    with acting(world, by, Power.STAFF) as deed:
        name = deed.member(email).rep.name
    password.refuse_weak("password", typed, email, name)
    hashed = world.vault.hash_password(typed)
    with acting(world, by, Power.STAFF) as deed:
        member = deed.member(email)
        deed.tx.set_rep_password(member.rep.email, hashed)
        if _access(deed, member.rep.email) is not None:
            deed.tx.drop_manager_logins(member.rep.email)
        _disconnect(deed, member.rep.email)
        deed.note("representative.password", member.rep.email)


def deactivate(world: World, by: str, email: str) -> None:
    """Take a representative's password and desks away; its records stay, and so does its name.

    Sessions that go on do so. A new password makes it active again.
    """
    with acting(world, by, Power.STAFF) as deed:
        member = deed.member(email)
        if not member.is_active and not _has_open(deed, member):
            return
        _leave(deed, member.rep.email)
        deed.tx.set_rep_password(member.rep.email, "")
        if _access(deed, member.rep.email) is not None:
            deed.tx.drop_manager_logins(member.rep.email)
        deed.note("representative.deactivate", member.rep.email, member.rep.name)


def remove(world: World, by: str, email: str) -> None:
    """Remove a representative who has had no session, and its access here, for good.

    Records may still tell that it declined a request, or that a customer picked it.

    Raises:
        Refused: InvalidArgument; a session is or was its own, or a request that waits is posted
            for it, which whoever is hired under its address would have. NotPermitted.
    """
    with acting(world, by, Power.STAFF) as deed:
        rep = deed.member(email).rep
        if deed.tx.rep_has_sessions(rep.email):
            raise wrong("email", "sessions have this name: deactivate instead")
        if _is_waited_for(deed, rep.email):
            raise wrong("email", "a request waits for this representative: deactivate instead")
        _leave(deed, rep.email)
        deed.tx.set_lockout(staff.account(rep.email), Open(), deed.now)
        if _access(deed, rep.email) is not None:
            deed.tx.drop_manager(rep.email)
            deed.tx.set_lockout(management.account(rep.email), Open(), deed.now)
        deed.tx.drop_rep(rep.email)
        deed.note("representative.remove", rep.email, f"{rep.name}, {rep.team}")


def _is_waited_for(deed: Deed, email: str) -> bool:
    """Tell whether a customer picked it for a request that still waits. PORTAL-6."""
    return any(
        routing.picked(waiting) == email
        for portal in deed.tx.portals()
        for waiting in deed.tx.waiting(portal.name)
    )


def _has_open(deed: Deed, member: Member) -> bool:
    """Tell whether there is anything that `_leave` would end."""
    email, there = member.rep.email, member.presence
    return bool(
        there.available
        or there.connection is not None
        or deed.tx.desks(email)
        or deed.tx.count_codes(email, deed.now)
    )


def _leave(deed: Deed, email: str) -> None:
    """End all that a representative has open: connection, phone codes, desks."""
    _disconnect(deed, email)
    deed.tx.end_codes(email, deed.now)
    for desk in deed.tx.desks(email):
        deed.tx.unassign(email, desk)


def end_connection(world: World, by: str, email: str) -> None:
    """End what a representative's desktop has open, at once; sessions that go on do so. CONN-2."""
    with acting(world, by, Power.STAFF) as deed:
        member = deed.member(email)
        if member.presence.connection is not None:
            _disconnect(deed, member.rep.email)
            deed.note("representative.disconnect", member.rep.email)


def _disconnect(deed: Deed, email: str) -> None:
    deed.tx.disconnect_rep(email)
    deed.tx.set_available(email, available=False, since=deed.now)
    deed.tx.withdraw_alerts(email)
