"""What company managers do about managers and teams.

Source: SEC-2.
"""

from __future__ import annotations

from dataclasses import replace

from broker_sim.core import access, password, team
from broker_sim.core.lockout import Open
from broker_sim.core.management import ROLE_NAMES, Power, Role, account
from broker_sim.core.staleness import refuse_stale
from broker_sim.service.acting import Deed, acting, refuse_unknown, wrong
from broker_sim.service.manager_storage import Manager, Team
from broker_sim.service.managers import check_names
from broker_sim.service.ports import World

_ADDRESS_MAX = 254


def appoint(world: World, by: str, wanted: Manager, typed: str) -> Manager:
    """Add a manager. A representative gets access by its address, and keeps its password. Slow.

    Raises:
        Refused: InvalidArgument, NotPermitted.
    """
    email = access.canonical(wanted.email)
    check_names(email=email)
    if "@" not in email or not 3 <= len(email) <= _ADDRESS_MAX:
        raise wrong("email", "it is no e-mail address")
    hashed = ""
    if wanted.role is not Role.REPRESENTATIVE:
        check_names(name=wanted.name)
        password.refuse_weak("password", typed, email, wanted.name)
        hashed = world.vault.hash_password(typed)
    with acting(world, by, Power.MANAGERS) as deed:
        if deed.tx.manager(email) is not None:
            raise wrong("email", "it is taken")
        made = replace(wanted, email=email, password_hash=hashed)
        made = _checked(deed, made)
        deed.tx.put_manager(made)
        deed.note("manager.add", email, _said(made))
    return made


def _checked(deed: Deed, manager: Manager) -> Manager:
    """Give a manager as it is kept: a team for a team manager only, a representative's own name."""
    member = deed.tx.member(manager.email)
    if manager.role is Role.REPRESENTATIVE:
        if member is None:
            raise wrong("email", "there is no representative of that address")
        return replace(manager, name=member.rep.name, team=None)
    if member is not None:
        raise wrong("email", "it is a representative's: its role here can only be that")
    if manager.role is not Role.TEAM:
        return replace(manager, team=None)
    if manager.team not in {one.name for one in deed.tx.teams()}:
        raise wrong("team", "there is no such team")
    return manager


def _said(manager: Manager) -> str:
    role = ROLE_NAMES[manager.role]
    return f"{manager.name}, {role}" + (f" of {manager.team}" if manager.team else "")


def change(world: World, by: str, wanted: Manager, *, seen: str | None = None) -> None:
    """Give a manager another name, role or team; a change of role ends its logins.

    `seen` is the mark of what the form showed; see `refuse_stale`.
    """
    if wanted.role is not Role.REPRESENTATIVE:
        check_names(name=wanted.name)
    with acting(world, by, Power.MANAGERS) as deed:
        known = _manager(deed, wanted.email)
        changed = _checked(deed, replace(wanted, password_hash=known.password_hash))
        stands = (known.name, known.role, known.team)
        refuse_stale(seen, stands, (changed.name, changed.role, changed.team))
        if (known.role is Role.REPRESENTATIVE) != (changed.role is Role.REPRESENTATIVE):
            raise wrong("role", "a representative's access cannot become another role, nor back")
        if known.role is Role.COMPANY and changed.role is not Role.COMPANY:
            _refuse_last(deed, known)
        if changed == known:
            return
        deed.tx.put_manager(changed)
        if (changed.role, changed.team) != (known.role, known.team):
            deed.tx.drop_manager_logins(known.email)
        deed.note("manager.change", known.email, _said(changed))


def remove(world: World, by: str, email: str) -> None:
    """Take a manager's access away for good; its logins end at once."""
    with acting(world, by, Power.MANAGERS) as deed:
        known = _manager(deed, email)
        if known.role is Role.COMPANY:
            _refuse_last(deed, known)
        deed.tx.set_lockout(account(known.email), Open(), deed.now)
        deed.tx.drop_manager(known.email)
        deed.note("manager.remove", known.email, _said(known))


def _refuse_last(deed: Deed, manager: Manager) -> None:
    """Refuse to take away the last one who can give access to others."""
    others = [
        one.email
        for one in deed.tx.managers()
        if one.role is Role.COMPANY and one.email != manager.email
    ]
    if not others:
        raise wrong("role", "there must be one company manager at least")


def reset_password(world: World, by: str, email: str, typed: str) -> None:
    """Give a manager a new password, which ends its logins. Slow."""
    with acting(world, by, Power.MANAGERS) as deed:
        name = _manager(deed, email).name
    password.refuse_weak("password", typed, email, name)
    hashed = world.vault.hash_password(typed)
    with acting(world, by, Power.MANAGERS) as deed:
        known = _manager(deed, email)
        if known.role is Role.REPRESENTATIVE:
            raise wrong("password", "a representative's is that of its desk: reset it there")
        deed.tx.put_manager(replace(known, password_hash=hashed))
        deed.tx.drop_manager_logins(known.email)
        deed.note("manager.password", known.email)


def _manager(deed: Deed, email: str) -> Manager:
    found = deed.tx.manager(access.canonical(email))
    if found is None:
        refuse_unknown("manager")
    return found


def add_team(world: World, by: str, name: str, parent: str | None) -> None:
    """Add a team, in another one or not."""
    check_names(name=name)
    with acting(world, by, Power.TEAMS) as deed:
        parents = {one.name: one.parent for one in deed.tx.teams()}
        if name.casefold() in (one.casefold() for one in parents):
            raise wrong("name", "it is taken")
        team.refuse_ring(name, parent, parents)
        deed.tx.put_team(Team(name, parent))
        deed.note("team.add", name, f"in {parent}" if parent else "")


def move_team(world: World, by: str, name: str, parent: str | None) -> None:
    """Make a team a part of another one, or (None) of none."""
    with acting(world, by, Power.TEAMS) as deed:
        parents = {one.name: one.parent for one in deed.tx.teams()}
        if name not in parents:
            refuse_unknown("name")
        team.refuse_ring(name, parent, parents)
        if parents[name] != parent:
            deed.tx.put_team(Team(name, parent))
            deed.note("team.move", name, f"into {parent}" if parent else "to the top")


def remove_team(world: World, by: str, name: str) -> None:
    """Remove a team in which nobody is, and no other team."""
    with acting(world, by, Power.TEAMS) as deed:
        teams = deed.tx.teams()
        if name not in {one.name for one in teams}:
            refuse_unknown("name")
        if any(one.parent == name for one in teams):
            raise wrong("name", "there are teams in it: move them first")
        if any(one.rep.team == name for one in deed.tx.members()):
            raise wrong("name", "there are representatives in it: move them first")
        if any(one.team == name for one in deed.tx.managers()):
            raise wrong("name", "it has a manager: change that first")
        deed.tx.drop_team(name)
        deed.note("team.remove", name)
