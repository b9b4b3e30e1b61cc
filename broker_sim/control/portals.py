"""Portals, logins, lockouts, the security key."""

from __future__ import annotations

from broker_sim.control.given import flag, text, texts
from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.service import managers
from broker_sim.service.storage import Portal


def add(routes: Routes) -> None:
    """Register the routes of portals and logins."""
    _add_portals(routes)
    _add_keys(routes)
    _add_logins(routes)


def _portal(hand: Hand, name: str) -> Told:
    for portal in hand.describe()["portals"]:
        if portal["name"] == name:
            found: Told = portal
            return found
    msg = f"there is no portal {name!r}"
    raise LookupError(msg)


def _add_portals(routes: Routes) -> None:
    @routes.post("/portals")
    def add_portal(hand: Hand) -> Told:
        """Add a portal and its first login."""
        given = body()
        name = text(given, "name")
        hard = flag(given, "hardLockouts")
        subs = texts(given, "subPortals") or ("general",)
        portal = Portal(name, name, "made by a tester", "SmartBox", subs, bool(hard))
        hand.tester.add_portal(portal, text(given, "username"), text(given, "password"))
        return _portal(hand, name)

    @routes.get("/portals/<name>")
    def portal(hand: Hand, name: str) -> Told:
        """Tell one portal."""
        return _portal(hand, name)

    @routes.patch("/portals/<name>")
    def change_portal(hand: Hand, name: str) -> Told:
        """Switch hard lockouts on or off."""
        hard = flag(body(), "hardLockouts")
        if hard is not None:
            managers.set_hard_lockouts(hand.tester.world, name, on=hard)
        return _portal(hand, name)


def _add_keys(routes: Routes) -> None:
    @routes.put("/portals/<name>/security-key")
    def set_key(hand: Hand, name: str) -> Told:
        """Set the security key of recordings made from now on."""
        key = managers.set_security_key(hand.tester.world, name, text(body(), "passphrase"))
        return {"keyVersion": key.version}

    @routes.delete("/portals/<name>/security-key")
    def clear_key(hand: Hand, name: str) -> Told:
        """Go back to a default key, from now on."""
        return {"keyVersion": managers.set_security_key(hand.tester.world, name, None).version}


def _add_logins(routes: Routes) -> None:
    @routes.post("/logins")
    def add_login(hand: Hand) -> Told:
        """Add a login to a portal."""
        given = body()
        portal = text(given, "portal")
        username, password = text(given, "username"), text(given, "password")
        managers.add_login(hand.tester.world, portal, username, password)
        return _portal(hand, portal)

    @routes.post("/logins/<username>/unlock")
    def unlock(hand: Hand, username: str) -> Told:
        """Open a locked login, its count cleared."""
        managers.unlock(hand.tester.world, username)
        return {"unlocked": username}
