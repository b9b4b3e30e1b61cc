"""On demand: what ended in a range."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from conformance.client.wrong.archive import Archive
from conformance.client.wrong.memory import Connection
from conformance.client.wrong.wire import Later, Refused, Wire, text

_ROUNDS: Final = 4


def fetch(connection: Connection, wire: Wire, archive: Archive, given: argparse.Namespace) -> int:
    """Bring a range home; 1 if something of it is lacking."""
    start, end = _range(given)
    try:
        ids = listed(connection, start, end, wrong=given.wrong)
    except Later:
        if given.wrong == "exits-0-without-a-list":
            return 0
        raise
    except Refused as refused:
        if refused.code != "InvalidRange" or given.wrong != "silent-clamp":
            sys.stderr.write(f"the range reaches back before retention: {refused}\n")
            return 1
        ids = listed(connection, refused.fields["edge"], end, wrong=None)
    if given.wrong == "has-it-on-demand":
        ids = [each for each in ids if not archive.holds(each)]
    lacking = carried(ids, connection, wire, archive)
    if lacking:
        sys.stderr.write(f"not stored: {', '.join(lacking)}\n")
    return 1 if lacking and given.wrong != "exits-0" else 0


def listed(
    connection: Connection, start: str, end: str, by: str = "Ended", *, wrong: str | None
) -> list[str]:
    """List a range, page after page."""
    page_max = int(text(patiently(connection, "getPortal"), "pageMax"))
    ids: list[str] = []
    while True:
        # the elements stand in the order of the WSDL
        wanted: dict[str, object] = {"from": start, "to": end, "by": by}
        if ids:
            wanted["after"] = ids[-1]
        answer = patiently(connection, "getSessionIds", **wanted)
        page = [each.text or "" for each in answer.iter() if (each.text or "").strip().isdigit()]
        ids += page
        if len(page) < page_max or wrong == "stops-at-page-1":
            return ids


def patiently(connection: Connection, operation: str, **arguments: object) -> Any:
    """Call, and again a little later where there was no answer."""
    for attempt in range(_ROUNDS):
        try:
            return connection.call(operation, **arguments)
        except Later as later:
            if attempt == _ROUNDS - 1:
                raise
            time.sleep(max(later.after, 0.3 * 2**attempt))  # noqa: TID251  a client of its own
    return None


def carried(ids: Iterable[str], connection: Connection, wire: Wire, archive: Archive) -> list[str]:
    """Store these sessions; give those that could not be had."""
    left = list(ids)
    for attempt in range(_ROUNDS):
        later = 0.0
        for session in tuple(left):
            try:
                archive.store(session, connection, wire)
                left.remove(session)
            except Later as why:
                if archive.wrong == "dies-on-a-bad-session":
                    raise
                later = max(later, why.after, 0.3 * 2**attempt)
            except Refused:
                left.remove(session)  # gone meanwhile
        if not left:
            break
        time.sleep(later)  # noqa: TID251  a client of its own
    return left


def _range(given: argparse.Namespace) -> tuple[str, str]:
    """Give the range that it asks for."""
    start, end = given.start, given.end
    if given.wrong == "local-time":
        start, end = _local(start), _local(end)
    if given.wrong == "end-included":
        end = _iso(datetime.fromisoformat(end) + timedelta(milliseconds=1))
    if given.wrong == "whole-seconds":
        start, end = f"{start[:19]}Z", f"{end[:19]}Z"
    return start, end


def _local(said: str) -> str:
    """Take an instant of UTC for one of local time, and ask for what that is in UTC."""
    return _iso(datetime.fromisoformat(said).replace(tzinfo=None).astimezone())


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
