"""Tickets: what lets a party of a session write and read at the relay of its channel.

A ticket names channel, party and end, and is signed with a key that the relay shares with the
broker. It opens the relay; it opens no frame.

Source: CHAN-1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from broker_sim.contract import limits

# Whose ticket reads all channels of a relay: the recorder's.
TAP: Final = "tap"
_TICKET: Final = re.compile(r"([1-9][0-9]{0,15})\.([A-Za-z0-9_-]{20,100})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_ENDS_MOST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


@dataclass(frozen=True, slots=True)
class Tickets:
    """Makes tickets and checks them.

    Attributes:
        sign: signs a text.
        verify: tells whether a signature is that of a text, in constant time.
        now: the time that tickets end by.
    """

    sign: Callable[[str], str]
    verify: Callable[[str, str], bool]
    now: Callable[[], datetime]

    def make(self, channel: str, party: str) -> str:
        """Give a party's ticket for a channel, good for `TICKET_VALID_FOR` from now."""
        ends = (self.now() + limits.TICKET_VALID_FOR - _EPOCH) // _MILLISECOND
        return f"{ends}.{self.sign(_text(channel, party, ends))}"

    def check(self, channel: str, party: str, ticket: str) -> bool:
        """Tell whether a ticket is this party's for this channel, and not at its end yet."""
        parts = _TICKET.fullmatch(ticket)
        if parts is None:
            return False
        ends = int(parts[1])
        if not self.verify(_text(channel, party, ends), parts[2]):
            return False
        return ends <= _ENDS_MOST and self.now() < _EPOCH + ends * _MILLISECOND


def _text(channel: str, party: str, ends: int) -> str:
    return f"relay {channel} {party} {ends}"
