"""What the channels' use cases ask of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the recorder has read a channel; a number is of the source's own frames.

    Attributes:
        place: at the relay, up to which all was read, as of the last that changed anything; and
            nothing more will be read of any relay that was before this one.
        seen: by party and source, the number of its next frame, as of the same; of the sources
            used last, the newest at the end.
        framed: (place, party, source, number) of those of the session's newest events that came
            as frames.
        pieces: how many pieces of the screens were ever kept; the next one's place.
        small: how many of the newest pieces are single, not yet put together.
        small_bytes: of those.
        awaits_key: what of the screens comes before the next whole picture is not kept.
        draws: the customer's source whose screen is kept: the newest whole picture is of it. Empty
            before there was one.
        ms: the newest instant of the screens, in milliseconds since 1970.
    """

    place: str = ""
    seen: dict[str, dict[str, int]] = field(default_factory=dict)
    framed: list[tuple[int, str, str, int]] = field(default_factory=list)
    pieces: int = 0
    small: int = 0
    small_bytes: int = 0
    awaits_key: bool = True
    draws: str = ""
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Channel:
    """A session's channel as stored.

    Attributes:
        key: the session key, 16 bytes.
        kept_bytes: of the pieces of its screens.
    """

    session_id: int
    key: bytes = field(repr=False)
    opened: datetime
    progress: Progress
    kept_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a session's stream: its name, and where in the blob folder, if it is large."""

    name: str
    key: str | None


class ChannelTransaction(Protocol):
    """The part of a transaction that knows channels."""

    def open_channel(self, session_id: int, key: bytes, now: datetime) -> None:
        """Keep the key of a session that starts."""

    def channel(self, session_id: int) -> Channel | None:
        """Give a session's channel, if it is open."""

    def channels(self) -> Sequence[int]:
        """Give the sessions whose channels are open."""

    def streams(self) -> Sequence[int]:
        """Give the sessions whose recording is yet to be made of a stream."""

    def pieces(self, session_id: int) -> Sequence[Piece]:
        """Give the pieces of a session's stream, in order."""

    def put_channel(self, channel: Channel) -> None:
        """Keep how far it was read."""

    def close_channel(self, session_id: int, *, unless_kept: bool = False) -> None:
        """Forget the key, and the pieces of the screens; large ones become orphans.

        `unless_kept`: only where there are no pieces.
        """

    def drop_piece(self, session_id: int, name: str) -> None:
        """Drop one piece, whose bytes are elsewhere now."""
