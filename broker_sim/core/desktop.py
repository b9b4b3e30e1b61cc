"""What a representative does in a session from its desktop, and the mark each doing leaves.

Source: AGENT-1, AGENT-2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from broker_sim.contract import faults, limits
from broker_sim.core.record import Event, Session
from broker_sim.core.refusal import Refused
from broker_sim.core.session import move

# What a customer's browser may be sent to: nothing that runs there.
_PAGE: Final = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
# What tells a path from a name.
_OF_A_PATH: Final = re.compile(r"[/\\]")


def send_file(session: Session, name: str, size: int, now: datetime) -> Session:
    """Note that a file of `size` bytes was sent.

    Raises:
        Refused: OutOfTurn; the session is not going on.
    """
    return move(session, Event.FILE_SENT, now, f"{name} ({size} bytes)")


def check_file(name: str, size: int) -> None:
    """Accept a file that may be sent.

    Raises:
        Refused: InvalidArgument; its name is a path, or it is too large.
    """
    if _OF_A_PATH.search(name) or name in (".", ".."):
        raise Refused(faults.INVALID_ARGUMENT, field="name", reason="it must be no path")
    if size > limits.SENT_FILE_MAX_BYTES:
        reason = f"it is longer than {limits.SENT_FILE_MAX_BYTES} bytes"
        raise Refused(faults.INVALID_ARGUMENT, field="content", reason=reason)


def files_sent(session: Session) -> Sequence[str]:
    """Give what the events say of every file that was sent, in order."""
    return [event.detail for event in session.events if event.kind is Event.FILE_SENT]


def file_name(said: str) -> str:
    """Give the file's name out of what its event says."""
    return said.rpartition(" (")[0]


def push_url(session: Session, url: str, now: datetime) -> Session:
    """Note that a page was opened on the customer's machine.

    Raises:
        Refused: InvalidArgument; it is no page. OutOfTurn; the session is not going on.
    """
    if not _PAGE.match(url):
        reason = "it must begin with http:// or https:// and a host"
        raise Refused(faults.INVALID_ARGUMENT, field="url", reason=reason)
    return move(session, Event.URL_PUSHED, now, url)


def take_diagnostics(session: Session, now: datetime) -> Session:
    """Note that the machine's diagnostics were taken."""
    return move(session, Event.DIAGNOSTICS_TAKEN, now)


def share_screen(session: Session, now: datetime, *, on: bool) -> Session:
    """Begin or end screen sharing; either party may end it. Source: PORTAL-4."""
    return move(session, Event.SCREEN_ON if on else Event.SCREEN_OFF, now)


def reboot(session: Session, now: datetime, *, reconnected: bool) -> Session:
    """Reboot the customer's machine and come back, or fail to."""
    down = move(session, Event.REBOOTED, now)
    if not reconnected:
        return replace(down, reboot_reconnect="ReconnectFailed")
    return replace(move(down, Event.RECONNECTED, now), reboot_reconnect="Successful")
