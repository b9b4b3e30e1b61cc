"""Portals, logins, lockouts, the security key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from broker_sim.contract import limits
from broker_sim.contract.sessions import PORTAL_TYPE
from broker_sim.control.answers import PORTAL, UNLOCKED
from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import FLAG, TEXT, given, listed, taken, whole, words
from broker_sim.service import managers
from broker_sim.service.storage import Portal

_PORTAL: Final = taken(
    "NewPortal",
    {"name": TEXT, "username": TEXT, "password": TEXT},
    subPortals=listed(TEXT),
    hardLockouts=FLAG,
    portalType=words(*PORTAL_TYPE.words),
    displayName=TEXT,
    company=TEXT,
)
_CODE_SECONDS: Final = int(limits.CODE_REMEMBERED.total_seconds())
_CHANGE: Final = taken(
    "PortalChange",
    {},
    hardLockouts=FLAG,
    codesPerRep=whole(1, 1000),
    codeSeconds=whole(1, _CODE_SECONDS),
)
_LOGIN: Final = taken("NewLogin", {"portal": TEXT, "username": TEXT, "password": TEXT})
_KEY: Final = taken("SecurityKey", {"passphrase": TEXT})
_KEY_VERSION: Final = given("KeyVersion", keyVersion=whole(1))


def add(routes: Routes) -> None:
    """Register the routes of portals and logins."""
    _add_portals(routes)
    _add_keys(routes)
    _add_logins(routes)


def _add_portals(routes: Routes) -> None:
    @routes.post("/portals", takes=_PORTAL, gives=PORTAL, refuses=True)
    def add_portal(hand: Hand) -> Told:
        """Add a portal and its first login."""
        said = body()
        name, subs = said["name"], tuple(said.get("subPortals") or ("general",))
        hard = said.get("hardLockouts", False)
        shown, company = said.get("displayName", name), said.get("company", "made by a tester")
        kind = said.get("portalType", "SmartBox")
        portal = Portal(name, shown, company, kind, subs, hard)
        hand.tester.add_portal(portal, said["username"], said["password"])
        return hand.portal(name)

    @routes.get("/portals/<name>", gives=PORTAL)
    def portal(hand: Hand, name: str) -> Told:
        """Tell one portal."""
        return hand.portal(name)

    @routes.patch("/portals/<name>", takes=_CHANGE, gives=PORTAL, refuses=True)
    def change_portal(hand: Hand, name: str) -> Told:
        """Switch hard lockouts on or off; set how many phone codes a rep has, and how long."""
        said, world = body(), hand.tester.world
        _change_codes(hand, name, said)
        if said.get("hardLockouts") is not None:
            managers.set_hard_lockouts(world, name, on=said["hardLockouts"])
        return hand.portal(name)


def _change_codes(hand: Hand, name: str, said: Mapping[str, Any]) -> None:
    """Change what is said of phone codes; what is not said stays as it is."""
    told = {key: said[key] for key in ("codesPerRep", "codeSeconds") if said.get(key) is not None}
    if told:
        known = {**hand.tester.portal(name), **told}
        lives = timedelta(seconds=known["codeSeconds"])
        managers.set_code_settings(hand.tester.world, name, known["codesPerRep"], lives)


def _add_keys(routes: Routes) -> None:
    @routes.put("/portals/<name>/security-key", takes=_KEY, gives=_KEY_VERSION, refuses=True)
    def set_key(hand: Hand, name: str) -> Told:
        """Set the security key of recordings made from now on."""
        key = managers.set_security_key(hand.tester.world, name, body()["passphrase"])
        return {"keyVersion": key.version}

    @routes.delete("/portals/<name>/security-key", gives=_KEY_VERSION, refuses=True)
    def clear_key(hand: Hand, name: str) -> Told:
        """Go back to a default key, from now on."""
        return {"keyVersion": managers.set_security_key(hand.tester.world, name, None).version}


def _add_logins(routes: Routes) -> None:
    @routes.post("/logins", takes=_LOGIN, gives=PORTAL, refuses=True)
    def add_login(hand: Hand) -> Told:
        """Add a login to a portal."""
        said = body()
        portal = said["portal"]
        managers.add_login(hand.tester.world, portal, said["username"], said["password"])
        return hand.portal(portal)

    @routes.post("/logins/<username>/unlock", gives=UNLOCKED, refuses=True)
    def unlock(hand: Hand, username: str) -> Told:
        """Open a locked login, its count cleared."""
        managers.unlock(hand.tester.world, username)
        return {"unlocked": username}
