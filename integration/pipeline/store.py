"""All that one portal's sessions are kept in: ledger, archive, keys, database, parts, locks.

Source: C-ONCE-1, C-STORE-2.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from integration.config import Portal
from integration.core.record import File
from integration.durable import Lock, make_folder
from integration.ledger import Ledger
from integration.sinks.archive import Archive
from integration.sinks.database import Database
from integration.sinks.keychain import Keychain

# Locks for sessions; two sessions may share one, which costs a wait now and then
_STRIPES: Final = 64


class Store:
    """One portal's local store. Threads and processes may share it."""

    def __init__(self, portal: Portal) -> None:
        """Open it, made where it is not there; raises `Stop` or `Retry`."""
        self.nickname = portal.nickname
        self.channels = portal.channels
        self.storage = portal.storage
        self._parts = portal.state / "parts"
        self._locks = portal.state / "locks"
        with ExitStack() as opened:
            self.ledger = Ledger(portal.state)
            opened.callback(self.ledger.close)
            for folder in (self._parts, self._locks):
                make_folder(folder)
            self.archive = Archive(portal.storage, unpacked=portal.decompress)
            self.keychain = Keychain(portal.storage)
            self.database = Database(portal.database)
            opened.callback(self.database.close)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close the files."""
        self._opened.close()

    @contextmanager
    def hold(self, session_id: int) -> Iterator[None]:
        """Work on a session alone, among all threads and processes of this store."""
        with Lock(self._locks / f"{session_id % _STRIPES}").held():
            yield

    def part(self, session_id: int, file: File) -> Path:
        """Where a file gathers before it enters the archive; other bytes, other place."""
        folder = self._parts / str(session_id)
        make_folder(folder)
        return folder / file.sha256

    def drop_parts(self, session_id: int) -> None:
        """Remove what was gathered of a session."""
        shutil.rmtree(self._parts / str(session_id), ignore_errors=True)
