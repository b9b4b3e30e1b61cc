"""A recorder and its calls that do only what a stage lets them do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from broker_sim.adapters.relay_calls import RelayCalls
from broker_sim.core.channel import Sealed
from broker_sim.service.exchange import Answer, Request
from broker_sim.service.recorder import Recorder
from broker_sim.service.tickets import Tickets
from broker_sim.web.relay_door import RelayDoor


class StagedCalls(RelayCalls):
    """The broker's calls to the relay that there is now, without a network."""

    def __init__(self, door: Callable[[], RelayDoor], tickets: Tickets) -> None:
        super().__init__("relay.example", 80, None, tickets)
        self._door = door

    def _ask(
        self, method: str, path: str, ticket: str, body: bytes | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        where = urlsplit(path)
        headers = {"authorization": f"Bearer {ticket}"}
        asked = Request(method, where.path, where.query, headers, body or b"")
        door = self._door()
        answer = door.tap(asked) if where.path == "/relay-tap" else door.handle(asked)
        assert isinstance(answer, Answer)
        assert answer.status in (200, 409), answer.body
        return answer.body, dict(answer.headers)


class HeldRecorder(Recorder):
    """A recorder that may be slow to store what it has read; nobody follows meanwhile."""

    held: list[tuple[int, Sequence[Sealed], str]] | None = None

    def take(self, session_id: int, frames: Sequence[Sealed], place: str) -> None:
        if self.held is None:
            super().take(session_id, frames, place)
        else:
            self.held.append((session_id, frames, place))

    def release(self) -> None:
        """Store what was held."""
        held, self.held = self.held or [], None
        for one in held:
            self.take(*one)
