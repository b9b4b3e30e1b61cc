"""How one portal stands: connection, updates, queue, totals. Reads the state folder only.

Imports nothing slow, so that another program may ask often.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from integration.config import Portal
from integration.core.journey import Step
from integration.ledger import View, Waiting, present
from integration.wire.connection import describe

QUEUE_SHOWN: Final = 20
_NAMES: Final = {
    Step.STORED: "stored",
    Step.GONE: "gone_before_stored",
    Step.GIVEN_UP: "given_up",
}


def collect(portal: Portal, now: datetime) -> dict[str, Any]:
    """Tell how a portal stands, in JSON's types; instants as ISO 8601, spans in seconds.

    Raises:
        Retry: the ledger cannot be read now.
    """
    told: dict[str, Any] = {
        "portal": portal.nickname,
        "broker": portal.address,
        "wsdl": portal.wsdl,
        "username": portal.username,
        "storage": str(portal.storage),
        "database": _without_password(portal.database),
    }
    try:
        view = View(portal.state)
    except FileNotFoundError:
        return told | _nothing_yet()
    try:
        return told | _from(view, portal, now)
    finally:
        view.close()


def _from(view: View, portal: Portal, now: datetime) -> dict[str, Any]:
    processes = present(view)
    totals = view.totals()
    steps = dict(totals.steps)
    counts = {name: steps.pop(step, 0) for step, name in _NAMES.items()}
    oldest = totals.oldest_waiting
    return {
        "connection": _connection(portal, processes),
        "updates": _updates(view, processes),
        "queue": {
            "length": sum(steps.values()),
            "sessions": [_waiting(waiting) for waiting in view.queue(QUEUE_SHOWN)],
        },
        "lost": [_waiting(waiting) for waiting in view.lost(QUEUE_SHOWN)],
        "totals": {
            **counts,
            "waiting": sum(steps.values()),
            "files": totals.files,
            "bytes": totals.bytes,
        },
        "lag_seconds": 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds()),
        "processes": processes,
    }


def _nothing_yet() -> dict[str, Any]:
    counts = dict.fromkeys([*_NAMES.values(), "waiting", "files", "bytes"], 0)
    return {
        "connection": {"state": "not logged on"},
        "updates": {"state": "not updating"},
        "queue": {"length": 0, "sessions": []},
        "lost": [],
        "totals": counts,
        "lag_seconds": 0.0,
        "processes": [],
    }


def _connection(portal: Portal, processes: list[dict[str, Any]]) -> dict[str, Any]:
    kept = describe(portal.state)
    state = "logged on" if kept["kept"] else "not logged on"
    if kept["kept"] and not processes:
        state = "left open by a program that was killed"
    until = kept["no_logon_before"]
    return {
        "state": state,
        "refused": kept["refused"],
        "no_logon_before": until.isoformat() if until else None,
    }


def _updates(view: View, processes: list[dict[str, Any]]) -> dict[str, Any]:
    following = [process for process in processes if process.get("next_poll")]
    latest = max(following, key=lambda process: str(process["next_poll"]), default={})
    return {
        "state": "updating" if following else "not updating",
        "polled_to": view.polled,
        "stored_to": view.low_water(),
        "seen_until": view.fact("seen until"),
        "interval_seconds": latest.get("interval_seconds"),
        "next_poll": latest.get("next_poll"),
        "problem": latest.get("problem"),
    }


def _waiting(waiting: Waiting) -> dict[str, Any]:
    return {
        "session_id": waiting.session_id,
        "step": waiting.step,
        "attempts": waiting.attempts,
        "noted": waiting.noted.isoformat(),
        "next_attempt": waiting.due.isoformat(),
        "problem": waiting.problem,
    }


def _without_password(url: str) -> str:
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", url)


def lines(told: Mapping[str, Any]) -> list[str]:
    """Put a report into lines for a person."""
    connection, updates, totals = told["connection"], told["updates"], told["totals"]
    files = f"{totals['files']} files, {size(totals['bytes'])}"
    shown = [
        f"{told['portal']}: {told['broker']} as {told['username']}",
        f"  connection  {connection['state']}",
        f"  updates     {updates['state']}{_polling(updates)}",
        f"  stored      {totals['stored']} sessions, {files}",
        f"  queue       {told['queue']['length']} sessions, lag {told['lag_seconds']:.0f} s",
    ]
    if connection.get("refused"):
        shown.insert(2, f"              refused: {connection['refused']}")
    shown += [f"    {_in_queue(waiting)}" for waiting in told["queue"]["sessions"]]
    lost = [f"    {w['session_id']}  {w['step']}: {w['problem']}" for w in told["lost"]]
    shown += ["  lost", *lost] if lost else []
    return [*shown, f"  archives    {told['storage']}", f"  database    {told['database']}"]


def _in_queue(waiting: Mapping[str, Any]) -> str:
    when = f"attempt {waiting['attempts'] + 1} at {waiting['next_attempt'][:19]}"
    problem = f": {waiting['problem']}" if waiting["problem"] else ""
    return f"{waiting['session_id']}  {waiting['step']}, {when}{problem}"


def _polling(updates: Mapping[str, Any]) -> str:
    if not updates.get("next_poll"):
        return ""
    problem = f"; last poll: {updates['problem']}" if updates["problem"] else ""
    return f", every {updates['interval_seconds']:g} s, next {updates['next_poll'][:19]}{problem}"


def size(count: float) -> str:
    """Write a number of bytes for a person."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
