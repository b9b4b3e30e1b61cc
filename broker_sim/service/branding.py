"""The branding of portals, as settings that outlive the process; kept beside their forms.

Source: PORTAL-1.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core import branding
from broker_sim.core.branding import Branding, Picture
from broker_sim.core.refusal import Refused
from broker_sim.service.customers import check
from broker_sim.service.portal_notes import noted, put_note
from broker_sim.service.ports import World
from broker_sim.service.storage import Portal, Transaction

_NOTE: Final = "branding"


def branding_of(world: World, tx: Transaction, portal: Portal) -> Branding:
    """Give a portal's branding; the default one where none was set."""
    kept = noted(tx, _NOTE, portal.name)
    if kept is None:
        return branding.default_branding(portal.name, portal.company)
    logo = tx.note(_logo_note(world, portal.name)) if kept["logoType"] else None
    found = _words(kept)
    return found if not logo else replace(found, logo=_picture(kept["logoType"], logo))


def find(world: World, portal: str) -> Branding | None:
    """Give the branding of the portal of that name; None where there is none."""
    with world.store.reading() as tx:
        known = tx.portal(portal)
        return None if known is None else branding_of(world, tx, known)


def set_branding(world: World, portal: str, wanted: Branding) -> None:
    """Set a portal's branding from now on.

    Raises:
        Refused: InvalidArgument; no such portal, or a text that XML forbids.
    """
    check_branding(wanted)
    with world.store.writing() as tx:
        if tx.portal(portal) is None:
            reason = "there is none of that name"
            raise Refused(faults.INVALID_ARGUMENT, field="portal", reason=reason)
        put_branding(world, tx, portal, wanted)


def check_branding(wanted: Branding) -> None:
    """Refuse texts that XML forbids."""
    words = {"company": wanted.company, "logoText": wanted.logo_text}
    check(**words, greeting=wanted.greeting, footer=wanted.footer)


def put_branding(world: World, tx: Transaction, portal: str, wanted: Branding) -> None:
    """Keep the branding of a portal that is there, in a transaction that is open."""
    logo = "" if wanted.logo is None else base64.b64encode(wanted.logo.data).decode()
    kind = None if wanted.logo is None else wanted.logo.kind
    entry = {**told(replace(wanted, logo=None)), "logoType": kind}
    tx.set_note(_logo_note(world, portal), logo)
    put_note(tx, _NOTE, portal, entry)


def told(of: Branding) -> dict[str, Any]:
    """Say a branding by the names of JSON; `read` takes it."""
    return {
        "company": of.company,
        "colour": of.colour,
        "logoText": of.logo_text,
        "greeting": of.greeting,
        "footer": of.footer,
        "logo": None if of.logo is None else base64.b64encode(of.logo.data).decode(),
    }


def read(said: Mapping[str, Any], before: Branding) -> Branding:
    """Read a branding as `told` says it; what is not said stays as it is.

    Raises:
        ValueError: it is none; the first mistake, in a sentence.
    """
    return Branding(
        said.get("company", before.company),
        said.get("colour", before.colour).lower(),
        said.get("logoText", before.logo_text),
        said.get("greeting", before.greeting),
        said.get("footer", before.footer),
        _logo(said["logo"]) if "logo" in said else before.logo,
    )


def _logo(said: str | None) -> Picture | None:
    """Read an uploaded logo, base64; None or nothing takes away the one before."""
    if not said:
        return None
    try:
        return branding.picture(base64.b64decode(said, validate=True))
    except binascii.Error:
        msg = "'logo' must be a picture in base64"
        raise ValueError(msg) from None


def _words(kept: Mapping[str, Any]) -> Branding:
    names = ("company", "colour", "logoText", "greeting", "footer")
    return Branding(*(kept[name] for name in names))


def _picture(kind: str, kept: str) -> Picture:
    return Picture(kind, base64.b64decode(kept))


def _logo_note(world: World, portal: str) -> str:
    """Name the note of a portal's picture: apart, so that it is read only where it is shown."""
    return f"logo {world.vault.digest(portal).hex()[:32]}"
