"""The files of a session: made when first asked for, sealed, kept, handed out by signed URL.

Source: REC-1 to REC-8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from broker_sim.contract import limits
from broker_sim.contract.recording import key_id
from broker_sim.core import access, retention
from broker_sim.core.access import PortalKey
from broker_sim.core.session import File, Session
from broker_sim.service.ports import Held, Transaction, World

Made = Sequence[tuple[File, bytes]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Located:
    """A file that may be downloaded now.

    `read(start, length)` gives bytes [start, start + length) of it as sent; it may be slow.
    """

    file: File
    read: Callable[[int, int], Iterator[bytes]]


def make(world: World, session: Session, key: PortalKey) -> Made:
    """Make a session's files as they will be sent; slow, and the same on every call."""
    return [_make_one(world, session, key, *named) for named in world.content.names(session)]


def _make_one(
    world: World, session: Session, key: PortalKey, channel: str, name: str
) -> tuple[File, bytes]:
    plain = world.content.body(session, name)
    if not access.is_encrypted(channel, secured=key.secured):
        return _file(channel, name, plain), plain
    sealed, wrapped = world.vault.seal(key, key_id(session.session_id, name), plain)
    return _file(channel, name, sealed, key, wrapped), sealed


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


def keep(tx: Transaction, held: Held, made: Made) -> tuple[File, ...]:
    """Keep what was made: always size and digest; the bytes unless the past is synthetic.

    Large bytes must already lie in the blob folder: see `put_large`.
    """
    number = held.session.session_id
    files = tuple(file for file, _ in made)
    tx.put_files(number, files)
    if not held.synthetic:
        for file, data in made:
            tx.put_blob(number, file.name, data if len(data) <= limits.SMALL_BLOB_BYTES else None)
    return files


def put_large(world: World, held: Held, made: Made) -> None:
    """Put large bytes into the blob folder, before the database tells of them."""
    if held.synthetic:
        return
    for file, data in made:
        if len(data) > limits.SMALL_BLOB_BYTES:
            world.blobs.put(f"{held.session.session_id}/{file.name}", data)


def url(world: World, session_id: int, name: str, expires: datetime) -> str:
    """Give the URL of one file, good until `expires`. REC-5."""
    milliseconds = (expires - _EPOCH) // _MILLISECOND
    signature = world.vault.sign(access.url_text(session_id, name, milliseconds))
    path = f"recordings/{session_id}/{quote(name)}"
    return f"{world.base_url()}/{path}?expires={milliseconds}&signature={signature}"


def may_read(world: World, session_id: int, name: str, expires_ms: int, signature: str) -> bool:
    """Tell whether the signature fits this file and the URL has not expired. REC-5."""
    signed = access.url_text(session_id, name, expires_ms)
    expires = _EPOCH + expires_ms * _MILLISECOND
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
        small = tx.blob(session_id, name)
        key = tx.key(held.session.portal, file.key_version) if file.encrypted else None
    return Located(file, _reader(world, held, file, key, small))


def _reader(
    world: World, held: Held, file: File, key: PortalKey | None, small: bytes | None
) -> Callable[[int, int], Iterator[bytes]]:
    number = held.session.session_id
    if small is not None:
        return lambda start, length: iter((small[start : start + length],))
    if not held.synthetic:
        return lambda start, length: world.blobs.read(f"{number}/{file.name}", start, length)

    def again(start: int, length: int) -> Iterator[bytes]:
        data = world.content.body(held.session, file.name)
        if key is not None:
            data, _ = world.vault.seal(key, key_id(number, file.name), data)
        yield data[start : start + length]

    return again
