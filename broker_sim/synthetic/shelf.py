"""The bodies of recorded files, made when asked for; the last few are kept at hand."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from broker_sim.core.record import Session
from broker_sim.service.ports import Table

if TYPE_CHECKING:
    from broker_sim.synthetic.content import Make

_KEPT_BYTES: Final = 16 * 1024 * 1024


class Shelf:
    """Makes bodies and keeps the last of them: a download often follows its digest.

    Args:
        seed: of the world.
        kept_bytes: how much is kept at most.
    """

    def __init__(self, seed: int, kept_bytes: int = _KEPT_BYTES) -> None:
        self._seed = seed
        self._room = kept_bytes
        self._bodies: OrderedDict[tuple[int, str], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def names(self, session: Session) -> Sequence[tuple[str, str]]:
        """Give (channel, file name) of every file the session has. REC-1."""
        return [(channel, name) for channel, name, _ in self._recordings(session)]

    def body(self, session: Session, name: str) -> bytes:
        """Make the plain bytes of one file.

        Raises:
            KeyError: the session has no such file.
        """
        place = (session.session_id, name)
        with self._lock:
            kept = self._bodies.get(place)
            if kept is not None:
                self._bodies.move_to_end(place)
                return kept
        made = self._made(session, name)
        self._keep(place, made)
        return made

    def diagnostics(self, session: Session) -> Sequence[Table]:
        """Tell what the diagnostics' files hold; not kept, for the session may go on."""
        from broker_sim.synthetic import diagnostics  # noqa: PLC0415  see `_recordings`

        return diagnostics.tables(self._seed, session)

    def _made(self, session: Session, name: str) -> bytes:
        for _, found, make in self._recordings(session):
            if found == name:
                return b"".join(make())
        raise KeyError(name)

    def _recordings(self, session: Session) -> Iterator[tuple[str, str, Make]]:
        # Loaded with the first recording: a start must not wait for glyphs and machines.
        from broker_sim.synthetic import content  # noqa: PLC0415  see above

        return content.recordings(self._seed, session)

    def _keep(self, place: tuple[int, str], made: bytes) -> None:
        with self._lock:
            if place not in self._bodies:
                self._room -= len(made)
            self._bodies[place] = made
            while self._room < 0 and self._bodies:
                _, dropped = self._bodies.popitem(last=False)
                self._room += len(dropped)
