"""Read everything that is stored, and compare it with what the broker told and tells.

Source: C-ONCE-1, C-STORE-1 to C-STORE-3, C-KEY-1, REC-3.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, TypeVar

from integration.core.ports import Clock, Observer
from integration.core.record import KDF_DEFAULT_KEY, PROPERTIES
from integration.errors import Distrust
from integration.pipeline import contents
from integration.pipeline.store import Store
from integration.sinks.database import Held
from integration.wire.unseal import derive_kek, unseal

_CHUNK: Final = 64 * 1024
T = TypeVar("T")


@dataclass(slots=True)
class Report:
    """What was found.

    Attributes:
        sessions: archives read.
        files: files of recordings read, their digests compared.
        bytes: their size.
        opened: encrypted files that were opened and parsed.
        parsed: other files that were parsed.
        unopened: encrypted files whose security key was not given.
        listed: sessions that the broker names; None if it was not asked.
        on_their_way: of these, those that the client knows of and has not stored yet.
        problems: a sentence for each thing that is not as it should be.
    """

    sessions: int = 0
    files: int = 0
    bytes: int = 0
    opened: int = 0
    parsed: int = 0
    unopened: int = 0
    listed: int | None = None
    on_their_way: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether everything was read and is as it should be."""
        return not self.problems and not self.unopened and not self.on_their_way


class Verifier:
    """Reads one portal's store.

    Args:
        portal: the broker's name of it.
        security_key: gives the passphrase; None if it is not known.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        observer: Observer,
        portal: str,
        security_key: Callable[[], str] | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._observer = observer
        self._portal = portal
        self._security_key = security_key
        self._derived: dict[bytes, bytes] = {}
        self.report = Report()

    def local(self) -> None:
        """Read every archive that the database names."""
        archived = self._store.database.archived(self._portal)
        self._observer.found(len(archived))
        for session_id, held in archived.items():
            if self._clock.stopping:
                self.report.problems.append("stopped before the end")
                return
            self._session(session_id, held)
            self._observer.stored(1)

    def lacking(self, ids: Iterable[int]) -> set[int]:
        """Tell which of the broker's ended sessions are not stored."""
        told = set(ids)
        held = self._store.database.held(told)
        return told - {i for i, h in held.items() if h.archive and self._store.archive.holds(i)}

    def listed(self, ids: Iterable[int]) -> None:
        """Compare the broker's list of ended sessions with what is stored."""
        told = set(ids)
        lacking = self.lacking(told)
        under_way = self._store.ledger.under_way(lacking)
        self.report.listed = len(told)
        self.report.on_their_way += len(under_way)
        missing = sorted(lacking - under_way)
        self.report.problems += [f"session {i} is not stored" for i in missing]

    def _session(self, session_id: int, held: Held) -> None:
        self.report.sessions += 1
        index = self._tried(session_id, lambda: self._index(session_id, held))
        if index is None:
            return
        keys = self._tried(session_id, lambda: self._store.archive.keys(session_id)) or {}
        for file in self._chosen(index):
            self._tried(session_id, lambda: self._file(session_id, file, keys.get(file["name"])))  # noqa: B023  called at once

    def _tried(self, session_id: int, look: Callable[[], T]) -> T | None:
        """Note what is wrong, and go on."""
        try:
            return look()
        except (Distrust, OSError, KeyError, TypeError, ValueError) as why:
            self.report.problems.append(f"session {session_id}: {why}")
            self._observer.failed(session_id, str(why))
            return None

    def _index(self, session_id: int, held: Held) -> dict[str, Any] | None:
        """Read an archive's record, and see that it is the one in the database."""
        archive = self._store.archive
        if not archive.holds(session_id):
            raise Distrust(f"{archive.name(session_id)} is not there")
        index = archive.index(session_id)
        told = (index.get("session_id"), index.get("last_update_id"))
        if told == (session_id, held.last_update_id):
            return index
        if self._store.ledger.under_way([session_id]):
            self.report.on_their_way += 1
            return None
        raise Distrust("archive and database tell of different readings")

    def _chosen(self, index: Mapping[str, Any]) -> list[dict[str, Any]]:
        wanted = {*self._store.channels, PROPERTIES}
        return [file for file in index["files"] if file["channel"] in wanted]

    def _file(self, session_id: int, file: dict[str, Any], key: Mapping[str, Any] | None) -> None:
        """Read a file once: digest, seal and content."""
        with self._store.archive.open(session_id, file["name"]) as stream:
            hashed = _Hashed(stream)
            self._content(session_id, file, key, hashed)
            for _ in hashed.chunks():
                pass
        if (hashed.size, hashed.digest.hexdigest()) != (file["size"], file["sha256"]):
            raise Distrust(f"{file['name']} is not what the broker told of")
        self.report.files += 1
        self.report.bytes += hashed.size
        self._observer.received(hashed.size)

    def _content(
        self,
        session_id: int,
        file: dict[str, Any],
        key: Mapping[str, Any] | None,
        hashed: _Hashed,
    ) -> None:
        name = file["name"]
        if not file["encrypted"]:
            contents.check(name, hashed.chunks())
            self.report.parsed += 1
            return
        if key is None or key["key_id"] != f"{session_id}/{name}":
            raise Distrust(f"{name} has no key in keys.json")
        kek = self._kek(key)
        if kek is None:
            self.report.unopened += 1
            return
        wrapped = base64.b64decode(key["wrapped_key"])
        contents.check(name, unseal(hashed, key["key_id"], wrapped, kek))
        self.report.opened += 1

    def _kek(self, key: Mapping[str, Any]) -> bytes | None:
        """Find the wrapping key: kept, or made from the security key; None if that is not given."""
        if key["kdf"] == KDF_DEFAULT_KEY:
            try:
                return self._store.keychain.read(self._portal, key["key_version"])
            except FileNotFoundError:
                raise Distrust(f"default key {key['key_version']} is not kept") from None
        if self._security_key is None:
            return None
        salt = base64.b64decode(key["kdf_salt"] or "")
        if salt not in self._derived:
            self._derived[salt] = derive_kek(self._security_key(), salt)
        return self._derived[salt]


class _Hashed:
    """A stream that is hashed as it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int, /) -> bytes:
        chunk = self._stream.read(size)
        self.digest.update(chunk)
        self.size += len(chunk)
        return chunk

    def chunks(self) -> Iterator[bytes]:
        while chunk := self.read(_CHUNK):
            yield chunk
