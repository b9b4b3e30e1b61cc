"""`verify`: is everything there, whole, and to be opened?

Source: C-ONCE-1, C-STORE-2, C-KEY-1.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from integration.clock import SystemClock
from integration.commands.fetching import observer_for
from integration.commands.opening import Work, opened
from integration.config import Portal
from integration.core import window
from integration.core.window import Window
from integration.errors import Exit
from integration.ledger import present
from integration.pipeline.listing import Listing
from integration.pipeline.store import Store
from integration.pipeline.verify import Report, Verifier
from integration.status.report import size

_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What to compare: a range, open ends as None; `offline` asks the broker nothing."""

    start: datetime | None
    end: datetime | None
    offline: bool


def verify(portal: Portal, clock: SystemClock, asked: Asked, *, as_json: bool) -> tuple[Exit, Any]:
    """Read everything that is stored; compare it with the broker's list."""
    observer = observer_for(clock, quiet=as_json)
    key = portal.security_key.reveal if portal.security_key else None
    if asked.offline:
        store = Store(portal)
        try:
            name = store.ledger.fact("portal") or ""
            verifier = Verifier(store, clock, observer, name, key)
            with observer.showing():
                verifier.local()
        finally:
            store.close()
    else:
        with opened(portal, clock, observer, "verify", persistent=False) as work:
            verifier = Verifier(work.store, clock, observer, work.told.name, key)
            with observer.showing():
                verifier.local()
            _compare(work, verifier, asked)
    found = verifier.report
    code = Exit.OK if found.good else Exit.NOT_ALL_STORED
    return code, asdict(found) | {"good": found.good} if as_json else _lines(found)


def _compare(work: Work, verifier: Verifier, asked: Asked) -> None:
    """List what the broker has of the range; a program that follows gets time to take it in."""
    told = work.broker.portal()
    start = asked.start or work.portal.start_at or window.edge(told)
    end = asked.end or told.broker_time
    listing = Listing(work.broker, work.clock, told.page_max, clamp=True)
    _, ids = listing.every(Window(start, max(start, end)))
    polls = [p["interval_seconds"] for p in present(work.store.ledger) if p.get("next_poll")]
    if polls and verifier.lacking(ids):
        work.clock.wait(2 * max(polls))
    verifier.listed(ids)


def _lines(found: Report) -> list[str]:
    counts = f"{found.sessions} archives, {found.files} files, {size(found.bytes)} read"
    shown = [f"{counts}; {found.opened} sealed files opened, {found.parsed} others parsed"]
    if found.listed is not None:
        shown.append(f"the broker lists {found.listed} sessions")
    if found.on_their_way:
        shown.append(f"{found.on_their_way} of them are still on their way")
    if found.unopened:
        shown.append(
            f"{found.unopened} sealed files were not opened: set BROKER_CLIENT_SECURITY_KEY"
        )
    shown += found.problems[:_SHOWN]
    if len(found.problems) > _SHOWN:
        shown.append(f"and {len(found.problems) - _SHOWN} more problems; see --json")
    return [*shown, "all is well" if found.good else "NOT all is well"]
