"""The broker's calls to a relay in a process of its own.

Source: CHAN-1.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, Final

from broker_sim.core.channel import BROKERS, Malformed, Party, Sealed, packed, unlisted
from broker_sim.service.outer_relays import Tapped, Unreachable
from broker_sim.service.tickets import TAP, Tickets

_TIMEOUT_SECONDS: Final = 40.0  # longer than any long poll


class RelayCalls:
    """Calls one relay. One caller at a time.

    Args:
        host: where it is.
        port: the same.
        ca_pem: what to trust; None for plain HTTP.
        tickets: made with the key that it shares with the broker.
    """

    def __init__(self, host: str, port: int, ca_pem: Path | None, tickets: Tickets) -> None:
        self._host = host
        self._port = port
        self._tls = None if ca_pem is None else ssl.create_default_context(cafile=str(ca_pem))
        self._tickets = tickets
        self._open: HTTPConnection | None = None

    def tap(self, since: str, known: str, wait_seconds: float) -> Tapped:
        """Tell which channels have moved behind a place; wait until one has."""
        query = f"since={since}&known={known}&wait={wait_seconds}"
        told, _ = self._ask("GET", f"/relay-tap?{query}", self._tickets.make(TAP, TAP))
        read = json.loads(told)
        return Tapped(read["at"], read["moved"], read["version"], read["known"])

    def read(self, name: str, since: str) -> tuple[str, Sequence[Sealed]]:
        """Give the place, and the frames, behind a place of a channel."""
        ticket = self._tickets.make(name, Party.BROKER)
        said, headers = self._ask("GET", f"/relay/{name}?since={since}", ticket)
        try:
            return headers["relay-at"], unlisted(said)
        except (KeyError, Malformed):
            raise Unreachable("the relay speaks in riddles") from None

    def post(self, name: str, first: int, frames: Sequence[bytes]) -> int:
        """Send frames of the broker; give the number of the next one."""
        ticket = self._tickets.make(name, Party.BROKER)
        body = packed(BROKERS, first, frames)
        said, _ = self._ask("POST", f"/relay/{name}/broker?back=no", ticket, body)
        read: Mapping[str, Any] = json.loads(said)
        return int(read.get("next", read.get("expected", first)))

    def close(self, name: str) -> None:
        """Take no more of a channel's frames."""
        ticket = self._tickets.make(name, Party.BROKER)
        self._ask("POST", f"/relay/{name}/broker?close=yes", ticket, b"")

    def _ask(
        self, method: str, path: str, ticket: str, body: bytes | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        """Call; give body and headers of an answer, also of one that says which frame is next.

        Raises:
            Unreachable: there is none, or it is a refusal.
        """
        connection = self._open or self._connect()
        self._open = None
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {ticket}"})
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, HTTPException) as problem:
            connection.close()
            raise Unreachable(str(problem)) from problem
        self._open = connection
        if answer.status not in (200, 409):
            raise Unreachable(f"the relay answered {answer.status}")
        return said, {name.lower(): value for name, value in answer.getheaders()}

    def _connect(self) -> HTTPConnection:
        if self._tls is None:
            return HTTPConnection(self._host, self._port, timeout=_TIMEOUT_SECONDS)
        return HTTPSConnection(self._host, self._port, timeout=_TIMEOUT_SECONDS, context=self._tls)
