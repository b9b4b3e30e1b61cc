"""The shapes of what several routes tell."""

from __future__ import annotations

from typing import Final

from broker_sim.control.shapes import (
    ANY_TEXT,
    FLAG,
    INSTANT,
    TEXT,
    Shape,
    by_name,
    given,
    listed,
    or_null,
    whole,
    words,
)
from broker_sim.core.management import Role

MODE: Final[Shape] = words("real", "shifted", "frozen")
CLOCK: Final[Shape] = given("Clock", mode=MODE, now=INSTANT)
PORTAL: Final[Shape] = given(
    "Portal",
    name=TEXT,
    displayName=TEXT,
    portalType=ANY_TEXT,
    customerUrl=TEXT,
    subPortals=listed(TEXT),
    hardLockouts=FLAG,
    codesPerRep=whole(1),
    codeSeconds=whole(1),
    lastUpdateId=whole(),
    keyVersion=whole(1),
    securityKeySet=FLAG,
    logins=listed(given("Login", username=TEXT, password=or_null(TEXT))),
)
_SERVICE: Final[Shape] = given("Service", endpoint=TEXT, wsdl=TEXT, wsdl12=TEXT)
REPRESENTATIVE: Final[Shape] = given(
    "Representative",
    email=TEXT,
    name=TEXT,
    screenName=TEXT,
    team=TEXT,
    ip=TEXT,
    desks=listed(given("Desk", portal=TEXT, subPortal=TEXT)),
    password=or_null(TEXT),
)
MANAGER: Final[Shape] = given(
    "Manager",
    name=TEXT,
    role=words(*(role.value for role in Role)),
    username=TEXT,
    password=TEXT,
)
UNLOCKED: Final[Shape] = given("Unlocked", unlocked=TEXT)
SUMMARY: Final[Shape] = given(
    "WorldSummary", name=TEXT, url=TEXT, seed=whole(), clock=CLOCK, sessions=whole()
)
WORLD: Final[Shape] = given(
    "World",
    name=TEXT,
    url=TEXT,
    seed=whole(),
    clock=CLOCK,
    sessions=whole(),
    company=TEXT,
    portals=listed(PORTAL),
    representatives=listed(REPRESENTATIVE),
    managers=listed(MANAGER),
    services=by_name(_SERVICE),
)
