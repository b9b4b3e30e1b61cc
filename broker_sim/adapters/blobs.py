"""Large recordings as files, through obstore: in a folder, in a bucket, or in memory for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from broker_sim.adapters.buckets import Bucket, Opened, opened

_PIECE: Final = 64 * 1024


class ObjectBlobs:
    """Blobs in an object store. Written whole or not at all; read in pieces.

    Args:
        place: a folder, made if missing, or a part of a bucket. None keeps them in memory.
    """

    def __init__(self, place: Path | Bucket | None = None) -> None:
        self._place = place
        self._known: Opened | None = None

    @property
    def _opened(self) -> Opened:
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

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`, whole or not at all."""
        self._store.put(key, data)

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
        return {key: bytes(self._store.get(key).bytes()) for key in keys}

    def restore(self, saved: Mapping[str, bytes]) -> None:
        """Put blobs in the place of all that are there."""
        self.delete("")
        for key, data in saved.items():
            self.put(key, data)
