"""The channels of sessions in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, insert, select, true, update

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import blob, orphan, session
from broker_sim.adapters.schema_management import channel
from broker_sim.adapters.sql_base import Rows
from broker_sim.service.channel_storage import Channel, Piece, Progress

# Names of the pieces of a stream: between these, and of no other blob.
_STREAM: Final = ("stream/", "stream0")

_OPEN: Final = Prepared(row_of(channel))
_ONE: Final = Prepared(select(channel).where(channel.c.session_id == bindparam("b_id")))
_ALL: Final = Prepared(select(channel.c.session_id).order_by(channel.c.session_id))
_PUT: Final = Prepared(
    update(channel)
    .where(channel.c.session_id == bindparam("b_id"))
    .values(progress=bindparam("progress"), kept_bytes=bindparam("kept_bytes"))
)
_DROP: Final = Prepared(delete(channel).where(channel.c.session_id == bindparam("b_id")))
_DROP_UNUSED: Final = Prepared(
    delete(channel).where(
        channel.c.session_id == bindparam("b_id"), channel.c.kept_bytes == bindparam("b_none")
    )
)
_OF_STREAM: Final = (
    blob.c.session_id == bindparam("b_id"),
    blob.c.name > bindparam("b_from"),
    blob.c.name < bindparam("b_to"),
)
_STREAMS: Final = Prepared(
    select(channel.c.session_id)
    .join(session, session.c.id == channel.c.session_id)
    .where(channel.c.kept_bytes > bindparam("b_none"), session.c.recorded == true())
    .order_by(channel.c.session_id)
)
_PIECES: Final = Prepared(select(blob.c.name, blob.c.key).where(*_OF_STREAM).order_by(blob.c.name))
_LARGE: Final = Prepared(select(blob.c.key).where(*_OF_STREAM, blob.c.key.is_not(None)))
_DROP_STREAM: Final = Prepared(delete(blob).where(*_OF_STREAM))
_DROP_PIECE: Final = Prepared(
    delete(blob).where(blob.c.session_id == bindparam("b_id"), blob.c.name == bindparam("b_name"))
)
_ADD_ORPHAN: Final = Prepared(insert(orphan).values(key=bindparam("key")))


class ChannelRows(Rows):
    """The part of a transaction that keeps channels."""

    def open_channel(self, session_id: int, key: bytes, now: datetime) -> None:
        """Keep the key of a session that starts."""
        self.run(
            _OPEN,
            session_id=session_id,
            session_key=key,
            opened=to_ms(now),
            progress="{}",
            kept_bytes=0,
        )

    def channel(self, session_id: int) -> Channel | None:
        """Give a session's channel, if it is open."""
        row = self.one(_ONE, b_id=session_id)
        if row is None:
            return None
        number, key, opened, progress, kept_bytes = row
        read = msgspec.json.decode(progress, type=Progress)
        return Channel(number, bytes(key), from_ms(opened), read, kept_bytes)

    def channels(self) -> Sequence[int]:
        """Give the sessions whose channels are open."""
        return [row[0] for row in self.all(_ALL)]

    def streams(self) -> Sequence[int]:
        """Give the sessions whose recording is yet to be made of a stream."""
        return [row[0] for row in self.all(_STREAMS, b_none=0)]

    def pieces(self, session_id: int) -> Sequence[Piece]:
        """Give the pieces of a session's stream, in order."""
        return [Piece(*row) for row in self.all(_PIECES, **_bounds(session_id))]

    def put_channel(self, channel: Channel) -> None:
        """Keep how far it was read."""
        progress = msgspec.json.encode(channel.progress).decode()
        self.run(_PUT, b_id=channel.session_id, progress=progress, kept_bytes=channel.kept_bytes)

    def close_channel(self, session_id: int, *, unless_kept: bool = False) -> None:
        """Forget the key, and the pieces of the screens; large ones become orphans."""
        if unless_kept:
            self.run(_DROP_UNUSED, b_id=session_id, b_none=0)
            return
        self.run(_DROP, b_id=session_id)
        bounds = _bounds(session_id)
        for (key,) in self.all(_LARGE, **bounds):
            self.run(_ADD_ORPHAN, key=key)
        self.run(_DROP_STREAM, **bounds)

    def drop_piece(self, session_id: int, name: str) -> None:
        """Drop one piece, whose bytes are elsewhere now."""
        self.run(_DROP_PIECE, b_id=session_id, b_name=name)


def _bounds(session_id: int) -> dict[str, object]:
    return {"b_id": session_id, "b_from": _STREAM[0], "b_to": _STREAM[1]}
