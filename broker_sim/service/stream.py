"""The stream of a session's screens: kept as it came, under the session's key, piece by piece.

A piece is stored with the transaction that has read it, so a crash loses nothing that the relay
had taken and the recorder had read. Small pieces are put together now and then. When the session
is over, the screen recordings are made of them, again piece by piece.

Source: CHAN-1, REC-2.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from broker_sim.contract import limits
from broker_sim.core import channel, guacamole
from broker_sim.core.channel import Party, Sealed
from broker_sim.service.channel_storage import Channel, Piece
from broker_sim.service.ports import World
from broker_sim.service.storage import Transaction

_LOG: Final = logging.getLogger("broker_sim.service")
REMOTE: Final = "RemoteScreen"
LOCAL: Final = "LocalScreen"
SCREENS: Final = (REMOTE, LOCAL)
# What a channel of the recording is made of: the representative sees the customer's screen, too.
_MADE_OF: Final = {
    REMOTE: frozenset({"screen"}),
    LOCAL: frozenset({"screen", "whiteboard"}),
}
_TOGETHER_BYTES: Final = 256 * 1024
_TOGETHER_PIECES: Final = 64


def keep(world: World, tx: Transaction, found: Channel, frames: Sequence[Sealed]) -> Channel:
    """Keep frames of the screens, whose place is their instant; give the channel with them.

    Beyond the limit of a recording nothing is kept.
    """
    data = channel.listed(frames)
    if found.kept_bytes + len(data) > limits.RECORDING_MAX_BYTES:
        if found.kept_bytes <= limits.RECORDING_MAX_BYTES:
            _LOG.warning("session %s: its recording is full", found.session_id)
        return replace(found, kept_bytes=limits.RECORDING_MAX_BYTES + 1)
    was = found.progress
    tx.put_blob(found.session_id, _name(was.pieces), data)
    progress = replace(
        was,
        pieces=was.pieces + 1,
        small=was.small + 1,
        small_bytes=was.small_bytes + len(data),
    )
    kept = replace(found, progress=progress, kept_bytes=found.kept_bytes + len(data))
    if progress.small >= _TOGETHER_PIECES or progress.small_bytes >= _TOGETHER_BYTES:
        return _put_together(world, tx, kept)
    return kept


def _put_together(world: World, tx: Transaction, found: Channel) -> Channel:
    """Make one large piece of the newest small ones.

    It is there before the row that tells of it; one without a row goes with its session.
    """
    number, progress = found.session_id, found.progress
    names = [_name(place) for place in range(progress.pieces - progress.small, progress.pieces)]
    parts = [data for name in names if isinstance(data := tx.blob(number, name), bytes)]
    key = f"{number}/{names[0].replace('/', '-')}-{progress.pieces}"
    world.blobs.put(key, b"".join(parts))
    for name in names[1:]:
        tx.drop_piece(number, name)
    tx.put_blob(number, names[0], key)
    return replace(found, progress=replace(progress, small=0, small_bytes=0))


def _name(place: int) -> str:
    return f"stream/{place:09}"


@dataclass(frozen=True, slots=True)
class Stream:
    """What was kept of the screens of one session."""

    world: World
    found: Channel
    pieces: Sequence[Piece]

    @property
    def session_id(self) -> int:
        """Whose."""
        return self.found.session_id

    def recording(self, of: str) -> Iterator[bytes]:
        """Make the plain recording of one of the two screens, piece by piece.

        Args:
            of: REMOTE or LOCAL.
        """
        begun = False
        for said, at_ms in self._messages():
            if said["kind"] not in _MADE_OF[of]:
                continue
            data = str(said["data"])
            if not begun:
                begun = True
                yield guacamole.first(data).encode()
            yield guacamole.timed(data, at_ms).encode()

    def _messages(self) -> Iterator[tuple[dict[str, Any], int]]:
        """Open what was kept; each frame was accepted when it came."""
        key, number = self.found.key, self.session_id
        for piece in self.pieces:
            for one in channel.unlisted(self._data(piece)):
                bound = channel.bound_to(number, one.party, one.source, one.n)
                plain = self.world.vault.open_frame(key, bound, one.frame)
                if plain is None:
                    _LOG.error("session %s: a kept frame does not open", number)
                else:
                    yield json.loads(plain), one.at

    def _data(self, piece: Piece) -> bytes:
        if piece.key is not None:
            return self.world.blobs.whole(piece.key)
        with self.world.store.reading() as tx:
            data = tx.blob(self.session_id, piece.name)
        return data if isinstance(data, bytes) else b""


def of(world: World, session_id: int) -> Stream | None:
    """Give what was kept of a session's screens; None where nothing was."""
    with world.store.reading() as tx:
        found = tx.channel(session_id)
        if found is None or not found.kept_bytes:
            return None
        return Stream(world, found, tx.pieces(session_id))


def is_screen(one: Party, kind: str) -> bool:
    """Tell whether a message of this party belongs to the stream."""
    return kind == ("screen" if one is Party.CUSTOMER else "whiteboard")


class Counted(Iterator[bytes]):
    """Pieces, whose bytes are counted and digested on their way."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._digest = hashlib.sha256()
        self.size = 0

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._digest.update(piece)
        self.size += len(piece)
        return piece

    @property
    def sha256(self) -> str:
        """Of all pieces so far, in hex."""
        return self._digest.hexdigest()
