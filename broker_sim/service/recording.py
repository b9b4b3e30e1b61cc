"""The files of a session: made when first asked for, sealed, kept, handed out by signed URL.

Source: REC-1 to REC-8.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final
from urllib.parse import quote

from broker_sim.contract import limits
from broker_sim.contract.recording import key_id
from broker_sim.core import access, retention
from broker_sim.core.access import PortalKey
from broker_sim.core.record import File
from broker_sim.core.session import as_recorded
from broker_sim.service import stream
from broker_sim.service.ports import World
from broker_sim.service.storage import Held
from broker_sim.service.stream import Counted, Stream

# Each file with its bytes, or with where they lie in the blob folder already.
Made = Sequence[tuple[File, bytes | str]]

_LOG: Final = logging.getLogger("broker_sim.service")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Located:
    """A file that may be downloaded now.

    `read(start, length)` gives bytes [start, start + length) of it as sent; it may be slow.
    """

    file: File
    read: Callable[[int, int], Iterator[bytes]]


def make(world: World, held: Held, key: PortalKey) -> Made:
    """Make a session's files as they will be sent; slow.

    The screens of a session that was lived in browsers are made of its stream. CHAN-1.
    """
    found = None if held.synthetic else stream.of(world, held.session.session_id)
    return [
        _make_one(world, held, key, channel, name)
        if found is None or channel not in stream.SCREENS
        else _make_of_stream(world, found, key, channel, name)
        for channel, name in world.content.names(held.session)
    ]


def _make_one(
    world: World, held: Held, key: PortalKey, channel: str, name: str
) -> tuple[File, bytes]:
    plain = world.content.body(as_recorded(held.session), name)
    if not access.is_encrypted(channel, secured=key.secured):
        return _file(channel, name, plain), plain
    named = key_id(held.session.session_id, name)
    sealed, wrapped = world.vault.seal(key, named, plain, again=held.synthetic)
    return _file(channel, name, sealed, key, wrapped), sealed


def _make_of_stream(
    world: World, found: Stream, key: PortalKey, channel: str, name: str
) -> tuple[File, bytes | str]:
    """Make a screen recording without ever holding all of it."""
    number = found.session_id
    pieces, wrapped = world.vault.seal_pieces(key, key_id(number, name), found.recording(channel))
    counted = Counted(pieces)
    begun = b""
    for piece in counted:
        begun += piece
        if len(begun) > limits.SMALL_BLOB_BYTES:
            break
    if len(begun) <= limits.SMALL_BLOB_BYTES:
        return _file(channel, name, begun, key, wrapped), begun
    place = f"{number}/{hashlib.sha256(wrapped).hexdigest()}"  # of no other: the key is its own
    world.blobs.put_pieces(place, chain((begun,), counted))
    made = _file(channel, name, b"", key, wrapped)
    return replace(made, size=counted.size, sha256=counted.sha256), place


def _file(
    channel: str, name: str, data: bytes, key: PortalKey | None = None, wrapped: bytes | None = None
) -> File:
    digest = hashlib.sha256(data).hexdigest()
    if key is None:
        return File(channel, name, len(data), digest, encrypted=False)
    return File(
        channel,
        name,
        len(data),
        digest,
        encrypted=True,
        wrapped_key=wrapped,
        key_version=key.version,
        kdf=key.kdf,
        kdf_salt=key.salt,
    )


def keep(world: World, held: Held, files: Made) -> tuple[File, ...]:
    """Keep what was made: always size and digest; the bytes unless the past is synthetic.

    Where two asked for the first time side by side, the first to come here is kept. Large
    bytes are put into the blob folder before the database tells of them.

    Returns:
        The files that are kept.
    """
    number = held.session.session_id
    placed = [] if held.synthetic else [_placed(world, number, *pair) for pair in files]
    with world.store.writing() as tx:
        again = tx.held(number)
        if again is not None and not again.session.files:
            tx.put_files(number, tuple(file for file, _ in files))
            for file, data in placed:
                tx.put_blob(number, file.name, data)
            tx.close_channel(number)
            return tuple(file for file, _ in files)
        kept = {tx.blob(number, file.name) for file, _ in placed}
    # Came second. What is not encrypted came out the same, so it may be the first one's too.
    for _, data in placed:
        if isinstance(data, str) and data not in kept:
            world.blobs.delete(data)
    return () if again is None else again.session.files


def made(world: World, held: Held, key: PortalKey) -> tuple[File, ...]:
    """Make a session's files and keep them; give those that are kept. Slow."""
    try:
        return keep(world, held, make(world, held, key))
    except FileNotFoundError:  # somebody else has made them of the stream, and it is gone
        with world.store.reading() as tx:
            again = tx.held(held.session.session_id)
        if again is None or not again.session.files:
            raise
        return again.session.files


def finish(world: World) -> None:
    """Make the recordings of what was lived in browsers and is over, and let their keys go.

    One that cannot be made is logged, once, and tried again more and more seldom; it holds up
    none of the others. Who asks for the session has it tried at once.
    """
    now, unmade = world.clock.now(), world.unmade
    with world.store.reading() as tx:
        numbers = tx.streams()
    unmade.keep(numbers)
    for number in numbers:
        if not unmade.is_due(number, now):
            continue
        try:
            _finish_one(world, number)
        except Exception as problem:  # noqa: BLE001  whatever is wrong with one is its own only
            if unmade.fail(number, now):
                said = "session %s: its recording cannot be made; it is tried again: %r"
                _LOG.error(said, number, problem)


def _finish_one(world: World, number: int) -> None:
    with world.store.reading() as tx:
        held = tx.held(number)
        key = None if held is None else tx.key(held.session.portal, held.key_version or None)
    if held is not None and key is not None:
        made(world, held, key)


def _placed(world: World, number: int, file: File, data: bytes | str) -> tuple[File, bytes | str]:
    """Put large bytes into the blob folder; give what the database is to keep."""
    if isinstance(data, str) or len(data) <= limits.SMALL_BLOB_BYTES:
        return file, data
    world.blobs.put(_key(number, file), data)
    return file, _key(number, file)


def _key(number: int, file: File) -> str:
    """Name a large file in the blob folder: never two contents under one name."""
    return f"{number}/{file.sha256}"


def url(world: World, session_id: int, name: str, expires: datetime) -> str:
    """Give the URL of one file, good until `expires`. REC-5."""
    milliseconds = (expires - _EPOCH) // _MILLISECOND
    signature = world.vault.sign(access.url_text(session_id, name, milliseconds))
    path = f"recordings/{session_id}/{quote(name)}"
    return f"{world.base_url()}/{path}?expires={milliseconds}&signature={signature}"


def may_read(world: World, session_id: int, name: str, expires_ms: int, signature: str) -> bool:
    """Tell whether the signature fits this file and the URL has not expired. REC-5."""
    signed = access.url_text(session_id, name, expires_ms)
    try:
        expires = _EPOCH + expires_ms * _MILLISECOND
    except OverflowError:  # behind the end of the calendar, where no link of ours leads
        return False
    in_time = access.may_download(expires, world.clock.now())
    return world.vault.verify(signed, signature) and in_time


def locate(world: World, session_id: int, name: str) -> Located | None:
    """Find a file that may still be read; None where its session is gone. RET-1."""
    now = world.clock.now()
    with world.store.reading() as tx:
        held = tx.held(session_id)
        if held is None or retention.is_gone(held.session.ended, now):
            return None
        file = next((file for file in held.session.files if file.name == name), None)
        if file is None:
            return None
        kept = tx.blob(session_id, name)
        key = tx.key(held.session.portal, file.key_version) if file.encrypted else None
    return Located(file, _reader(world, held, file, key, kept))


def _reader(
    world: World, held: Held, file: File, key: PortalKey | None, kept: bytes | str | None
) -> Callable[[int, int], Iterator[bytes]]:
    match kept:
        case bytes(small):
            return lambda start, length: iter((small[start : start + length],))
        case str(large):
            return lambda start, length: world.blobs.read(large, start, length)
        case _:
            return lambda start, length: _made_again(world, held, file, key, start, length)


def _made_again(
    world: World, held: Held, file: File, key: PortalKey | None, start: int, length: int
) -> Iterator[bytes]:
    data = world.content.body(as_recorded(held.session), file.name)
    if key is not None:
        named = key_id(held.session.session_id, file.name)
        data, _ = world.vault.seal(key, named, data, again=True)
    yield data[start : start + length]
