"""Large recordings as files, through obstore: in a folder, in a bucket, or in memory for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final

from broker_sim.adapters.buckets import Bucket, Opened, opened

_PIECE: Final = 64 * 1024
_PART: Final = 6 * 1024 * 1024  # of an upload; buckets want 5 MB at least


class ObjectBlobs:
    """Blobs in an object store. Written whole or not at all; read in pieces.

    Args:
        place: a folder, made if missing, or a part of a bucket. None keeps them in memory.
    """

    def __init__(self, place: Path | Bucket | None = None) -> None:
        self._place = place
        self._known: Opened | None = None
        self._opening = Lock()

    @property
    def _opened(self) -> Opened:
        if self._known is None:
            with self._opening:  # two places in memory would each have a part of the blobs
                if self._known is None:
                    self._known = opened(self._place)
        return self._known

    @property
    def _store(self) -> Any:
        return self._opened.store

    @property
    def _never_kept_any(self) -> bool:
        if self._known is not None or isinstance(self._place, Bucket):
            return False
        return self._place is None or not self._place.exists()

    def look(self) -> None:
        """Look whether the place is there, where that is another's to say.

        Raises:
            ConnectionError: the bucket cannot be reached, is not there, or is not open to us.
        """
        if isinstance(self._place, Bucket):
            from obstore.exceptions import BaseError  # noqa: PLC0415  slow to import, see `buckets`

            try:
                next(iter(self._store.list(chunk_size=1)), None)
            except BaseError as problem:
                reason = str(problem).partition("\n")[0].rpartition(" - ")[2]
                msg = f"the bucket {self._place.name} cannot be read ({reason})"
                raise ConnectionError(msg) from problem

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`, whole or not at all."""
        self._store.put(key, data)

    def put_pieces(self, key: str, pieces: Iterator[bytes]) -> None:
        """Keep what the pieces make up, whole or not at all, without ever holding all of it.

        They may read other blobs.
        """
        from obstore import open_writer  # noqa: PLC0415  slow to import, see `buckets`

        writer = open_writer(self._store, key, buffer_size=_PART, max_concurrency=1)
        for piece in pieces:
            writer.write(piece)
        writer.close()  # without which there is nothing: should the pieces break off, for one

    def whole(self, key: str) -> bytes:
        """Give all of it.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        return bytes(self._store.get(key).bytes())

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """Give bytes [start, start + length) in pieces of at most 64 KiB.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        end, reach = start + length, self._opened.reach
        while start < end:
            found = self._store.get_range(key, start=start, end=min(start + reach, end))
            view = memoryview(found)
            for place in range(0, len(view), _PIECE):
                yield bytes(view[place : place + _PIECE])
            start += len(view)

    def delete(self, key: str) -> None:
        """Delete it; all below it where it ends in a slash, all there is where it is empty.

        What is missing is no error.
        """
        if self._never_kept_any:
            return
        if key and not key.endswith("/"):
            found = [key]
        else:
            found = [entry["path"] for some in self._store.list(key or None) for entry in some]
        many = self._opened.at_once
        for place in range(0, len(found), many):
            with suppress(FileNotFoundError):
                self._store.delete(found[place : place + many])

    def saved(self) -> Mapping[str, bytes]:
        """Give all blobs, whole, by key."""
        if self._never_kept_any:
            return {}
        keys = [entry["path"] for some in self._store.list() for entry in some]
        return {key: self.whole(key) for key in keys}

    def restore(self, saved: Mapping[str, bytes]) -> None:
        """Put blobs in the place of all that are there."""
        self.delete("")
        for key, data in saved.items():
            self.put(key, data)
