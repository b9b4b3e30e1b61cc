"""The filters of the session list, as its links carry them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from broker_sim.core.record import Event, Session
from broker_sim.core.reviewing import Place, Wanted

STATUSES: Final = ("New", "InSession", "Finished", "Error")
STATUS_NAMES: Final = {
    "New": "Waiting",
    "InSession": "In session",
    "Finished": "Finished",
    "Error": "Failed",
}
_WHY: Final = {
    Event.DECLINED: "Declined",
    Event.UNANSWERED: "No response",
    Event.ABANDONED: "Abandoned",
    Event.FAILED: "Connection failed",
}
MODES: Final = ("Web", "Phone")
RESOLUTIONS: Final = ("Resolved", "Unresolved", "Unknown")
# The fields of the form, in its order, and how each is called.
NAMES: Final = {
    "q": "Search",
    "portal": "Portal",
    "status": "Status",
    "from": "From",
    "to": "To",
    "subPortal": "Sub-portal",
    "team": "Team",
    "representative": "Representative",
    "mode": "Mode",
    "resolution": "Resolution",
    "waited": "Waited longer than",
    "lasted": "Took longer than",
}
_CHOICES: Final = {"status": STATUSES, "mode": MODES, "resolution": RESOLUTIONS}
_MOST: Final = 200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def asked(given: Mapping[str, str]) -> dict[str, str]:
    """Give what the form says, by the names of NAMES; empty fields left out.

    Raises:
        ValueError: a choice that there is not, or a text that is too long.
    """
    found = {name: given.get(name.lower(), "").strip() for name in NAMES}
    found = {name: text for name, text in found.items() if text}
    for name, text in found.items():
        if len(text) > _MOST or text not in _CHOICES.get(name, (text,)):
            msg = f"the filter {NAMES[name]!r} is none that there is"
            raise ValueError(msg)
    return found


def wanted(asked: Mapping[str, str]) -> Wanted:
    """Read the filters.

    Raises:
        ValueError: a day or a number that is none.
    """
    last = day(asked.get("to"), "To")
    return Wanted(
        portal=asked.get("portal", ""),
        sub_portal=asked.get("subPortal", ""),
        team=asked.get("team", ""),
        representative=asked.get("representative", "").lower(),
        status=asked.get("status", ""),
        mode=asked.get("mode", ""),
        resolution=asked.get("resolution", ""),
        start=_begin(day(asked.get("from"), "From")),
        end=None if last is None else _begin(last + timedelta(days=1)),
        waited=_span(asked.get("waited"), "waited", timedelta(seconds=1)),
        lasted=_span(asked.get("lasted"), "lasted", timedelta(minutes=1)),
        text=asked.get("q", ""),
    )


def outcome(session: Session) -> str | None:
    """Say what came of a session: its resolution, or why it failed; None while it is open."""
    if session.status != "Error":
        return session.resolution
    return _WHY.get(session.events[-1].kind)


def day(text: str | None, name: str) -> date | None:
    """Read a day; None where there is none.

    Raises:
        ValueError: it is no day between 1971 and 9000.
    """
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not 1971 <= found.year < 9000:
        msg = f"{name!r} must be a day like 2030-01-15"
        raise ValueError(msg)
    return found


def _begin(found: date | None) -> datetime | None:
    return None if found is None else datetime.combine(found, time(), UTC)


def _span(text: str | None, name: str, unit: timedelta) -> timedelta | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        msg = f"{NAMES[name]!r} must be a whole number"
        raise ValueError(msg)
    return int(text) * unit


def written(place: Place) -> str:
    """Write a place of the list for a link."""
    return f"{(place[0] - _EPOCH) // _MS}-{place[1]}"


def place(text: str | None) -> Place | None:
    """Read it again.

    Raises:
        ValueError: it is none.
    """
    if not text:
        return None
    milliseconds, _, number = text.partition("-")
    if not (milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) <= 14):
        raise ValueError(_NO_PLACE)
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise ValueError(_NO_PLACE)
    return _EPOCH + int(milliseconds) * _MS, int(number)


_NO_PLACE: Final = "'before' is no place of the list"
