"""What managers do about portals: add and change them, their sub-portals, locks, codes, keys.

Source: SEC-2, LOGON-4, PHONE-2, REC-4.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from broker_sim.core import password
from broker_sim.core.access import PortalKey
from broker_sim.core.branding import Branding
from broker_sim.core.form import Form
from broker_sim.core.management import Power
from broker_sim.core.staleness import refuse_stale
from broker_sim.service import branding, forms, managers
from broker_sim.service.acting import Deed, acting, refuse_unknown, wrong
from broker_sim.service.customers import check
from broker_sim.service.ports import World
from broker_sim.service.settling import settle
from broker_sim.service.storage import Portal

PASSPHRASE_MIN: Final = 8
PASSPHRASE_MAX: Final = 128


def add(world: World, by: str, portal: Portal, username: str, typed: str) -> None:
    """Add a portal with its default key and one API login.

    Raises:
        Refused: InvalidArgument, NotPermitted.
    """
    _check_names(portal)
    managers.check_names(username=username)
    password.refuse_weak("password", typed, username, "")
    hashed = world.vault.hash_password(typed)
    with acting(world, by, Power.PORTALS) as deed:
        company = next((one.company for one in deed.tx.portals()), portal.company)
        managers.put_portal(world, deed.tx, replace(portal, company=company), username, hashed)
        deed.note("portal.add", portal.name, portal.portal_type, portal.name)
        deed.note("login.add", username, "", portal.name)


def _check_names(portal: Portal) -> None:
    managers.check_names(name=portal.name, displayName=portal.display_name)
    if not portal.sub_portals or len(set(portal.sub_portals)) < len(portal.sub_portals):
        raise wrong("subPortals", "there must be one at least, and none twice")
    for name in portal.sub_portals:
        managers.check_names(subPortals=name)


def change(
    world: World,
    by: str,
    portal: str,
    display_name: str,
    portal_type: str,
    *,
    seen: str | None = None,
) -> None:
    """Give a portal another name for people, or make it another type.

    Here and below, `seen` is the mark of what the manager's form showed; see `refuse_stale`.
    """
    managers.check_names(displayName=display_name)
    with acting(world, by, Power.PORTALS) as deed:
        known = deed.portal(portal)
        stands = (known.display_name, known.portal_type)
        refuse_stale(seen, stands, (display_name, portal_type))
        changed = replace(known, display_name=display_name, portal_type=portal_type)
        if changed != known:
            deed.tx.change_portal(changed)
            deed.note("portal.change", portal, f"{display_name}, {portal_type}", portal)


def add_sub_portal(world: World, by: str, portal: str, name: str) -> None:
    """Add a sub-portal; nobody serves it yet."""
    managers.check_names(subPortal=name)
    with acting(world, by, Power.PORTALS) as deed:
        known = deed.portal(portal)
        if name.casefold() in (one.casefold() for one in known.sub_portals):
            raise wrong("subPortal", "it is taken")
        deed.tx.change_portal(replace(known, sub_portals=(*known.sub_portals, name)))
        deed.note("subportal.add", name, "", portal)


def remove_sub_portal(world: World, by: str, portal: str, name: str) -> None:
    """Remove a sub-portal that no session and no active phone code names; nobody serves it then.

    Raises:
        Refused: InvalidArgument; it is named, or the portal's last. NotPermitted.
    """
    with acting(world, by, Power.PORTALS) as deed:
        known = deed.portal(portal)
        if name not in known.sub_portals:
            refuse_unknown("subPortal")
        if len(known.sub_portals) == 1:
            raise wrong("subPortal", "a portal has one at least")
        if deed.tx.has_sessions(portal, name):
            raise wrong("subPortal", "sessions name it: let nobody serve it instead")
        if any(one.sub_portal == name for one in deed.tx.active_codes(portal, deed.now)):
            raise wrong("subPortal", "there are phone codes for it: wait until they have ended")
        for member in deed.tx.members_at(portal, name):
            deed.tx.unassign(member.rep.email, (portal, name))
        left = tuple(one for one in known.sub_portals if one != name)
        deed.tx.change_portal(replace(known, sub_portals=left))
        deed.note("subportal.remove", name, "", portal)


def set_hard_lockouts(world: World, by: str, portal: str, *, on: bool) -> None:
    """Say whether the tenth failed logon locks for good. LOGON-4."""
    with acting(world, by, Power.PORTALS) as deed:
        if deed.portal(portal).hard_lockouts != on:
            deed.tx.set_hard_lockouts(portal, on=on)
            deed.note("portal.lockouts", portal, "on" if on else "off", portal)


def set_codes(
    world: World, by: str, portal: str, most: int, lives: timedelta, *, seen: str | None = None
) -> None:
    """Say how many active codes a representative may have, and how long one lives. PHONE-2."""
    if not 1 <= most <= 1000:
        raise wrong("codesPerRep", "it must lie between 1 and 1000")
    if not timedelta(minutes=1) <= lives <= timedelta(days=1):
        raise wrong("codeMinutes", "it must lie between 1 and 1440")
    with acting(world, by, Power.PORTALS) as deed:
        known = deed.portal(portal)
        stands = (known.codes_per_rep, known.code_lives)
        refuse_stale(seen, stands, (most, lives))
        if stands != (most, lives):
            deed.tx.set_code_settings(portal, most, lives)
            detail = f"{most} codes, {lives // timedelta(minutes=1)} minutes"
            deed.note("portal.codes", portal, detail, portal)


def set_form(world: World, by: str, portal: str, form: Form, *, seen: str | None = None) -> None:
    """Set a portal's form and survey from now on. PORTAL-2."""
    forms.check_form(form)
    with acting(world, by, Power.PORTALS) as deed:
        refuse_stale(seen, (forms.form_of(deed.tx, deed.portal(portal)),), (form,))
        forms.put_form(deed.tx, portal, form)
        detail = f"{len(form.fields)} fields, {len(form.survey)} questions of the survey"
        deed.note("portal.form", portal, detail, portal)


def set_branding(
    world: World, by: str, portal: str, wanted: Branding, *, seen: str | None = None
) -> None:
    """Set how a portal presents itself, from now on. PORTAL-1."""
    branding.check_branding(wanted)
    with acting(world, by, Power.PORTALS) as deed:
        stands = branding.branding_of(world, deed.tx, deed.portal(portal))
        refuse_stale(seen, (stands,), (wanted,))
        branding.put_branding(world, deed.tx, portal, wanted)
        deed.note("portal.branding", portal, f"{wanted.company}, {wanted.colour}", portal)


def set_security_key(world: World, by: str, portal: str, passphrase: str | None) -> PortalKey:
    """Set or (None) clear the security key, from now on only; give the new key. REC-4.

    Slow: the key is made of the passphrase before the transaction, for which all would wait.
    """
    if passphrase is not None and not PASSPHRASE_MIN <= len(passphrase) <= PASSPHRASE_MAX:
        raise wrong("passphrase", f"it must have {PASSPHRASE_MIN} to {PASSPHRASE_MAX} characters")
    check(passphrase=passphrase)
    secured = None if passphrase is None else world.vault.secured_key(portal, 0, passphrase)
    with acting(world, by, Power.KEYS) as deed:
        deed.portal(portal)
        settle(deed.tx, portal, deed.now)  # what has ended before keeps the key of its end
        return _put_key(deed, portal, secured)


def _put_key(deed: Deed, portal: str, secured: PortalKey | None) -> PortalKey:
    key = managers.put_key(deed.world, deed.tx, portal, secured)
    action = "key.clear" if secured is None else "key.set"
    deed.note(action, portal, f"version {key.version}", portal)
    return key


def generated_passphrase(world: World) -> str:
    """Make a security key that nobody can guess: 24 letters and digits in groups of four.

    None of them looks like another one: it will be written down.
    """
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    chance = world.entropy.take(24 * 2)
    drawn = [
        letters[int.from_bytes(chance[2 * n : 2 * n + 2], "big") % len(letters)] for n in range(24)
    ]
    return "-".join("".join(drawn[at : at + 4]) for at in range(0, 24, 4))
