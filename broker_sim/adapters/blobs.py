"""Large recordings as files, through obstore: a folder, or memory for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

_PIECE: Final = 64 * 1024


class ObjectBlobs:
    """Blobs in an object store. Written whole or not at all; read in pieces.

    Args:
        folder: where; made if missing. None keeps them in memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._opened: Any = None

    @property
    def _store(self) -> Any:
        if self._opened is None:  # obstore is imported when the first large blob comes
            from obstore.store import LocalStore, MemoryStore  # noqa: PLC0415  see above

            if self._folder is None:
                self._opened = MemoryStore()
            else:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._opened = LocalStore(prefix=str(self._folder), automatic_cleanup=True)
        return self._opened

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`; the store writes aside and renames."""
        self._store.put(key, data)

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """Give bytes [start, start + length) in pieces of at most 64 KiB.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        end = start + length
        while start < end:
            piece = self._store.get_range(key, start=start, end=min(start + _PIECE, end))
            yield bytes(piece)
            start += len(piece)

    def delete(self, key: str) -> None:
        """Delete it; all below it where it ends in a slash, all there is where it is empty.

        What is missing is no error.
        """
        if self._opened is None and (self._folder is None or not self._folder.exists()):
            return  # nothing was ever kept
        if key and not key.endswith("/"):
            found = [key]
        else:
            found = [entry["path"] for some in self._store.list(key or None) for entry in some]
        for one in found:
            with suppress(FileNotFoundError):
                self._store.delete(one)

    def saved(self) -> Mapping[str, bytes]:
        """Give all blobs, whole, by key."""
        if self._opened is None and (self._folder is None or not self._folder.exists()):
            return {}
        keys = [entry["path"] for some in self._store.list() for entry in some]
        return {key: bytes(self._store.get(key).bytes()) for key in keys}

    def restore(self, saved: Mapping[str, bytes]) -> None:
        """Put blobs in the place of all that are there."""
        self.delete("")
        for key, data in saved.items():
            self.put(key, data)
