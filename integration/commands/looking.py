"""`status` and `forget-refusal`: the state folder only, and quick.

Source: C-LOCK-1.
"""

from __future__ import annotations

from typing import Any

from integration.clock import SystemClock
from integration.config import Portal
from integration.errors import Exit
from integration.status import report
from integration.wire.connection import forget_refusal


def status(portal: Portal, clock: SystemClock, *, as_json: bool) -> tuple[Exit, Any]:
    """Tell how a portal stands; asks nobody but the state folder."""
    told = report.collect(portal, clock.now())
    return Exit.OK, told if as_json else report.lines(told)


def forget(portal: Portal, *, as_json: bool) -> tuple[Exit, Any]:
    """Let a refused credential be tried again."""
    was_refused = forget_refusal(portal.state)
    if as_json:
        return Exit.OK, {"portal": portal.nickname, "forgotten": was_refused}
    said = "the same login may be tried again" if was_refused else "no login was refused"
    return Exit.OK, [f"{portal.nickname}: {said}"]
