"""What a client has stored, seen from outside: its archive folder, a database, or a listing."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import subprocess
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from conformance.client.adapter import Observe, filled

# A final name, or that of a second one beside it: "Session_7 (1).zip"; not "Session_7.part".
_NAMED: Final = re.compile(r"Session_(\d+)(?:[ _-]\(?\w+\)?)?(?:\.zip)?")
_LIST_SECONDS: Final = 20.0


class Damaged(Exception):  # noqa: N818  # a finding, not our error
    """What lies under a final name is not whole; the message says how."""


class Store:
    """One client's archive folder and, where the adapter names it, its list of ids.

    Args:
        folder: of the archives.
        observe: how else to see what is stored.
        values: fill the placeholders of `observe`.
    """

    def __init__(self, folder: Path, observe: Observe, values: Mapping[str, str]) -> None:
        self.folder = folder
        self._observe = observe
        self._values = values

    @property
    def archives(self) -> bool:
        """Whether there are archives to look into."""
        return self._observe.archive

    def ids(self) -> Counter[int]:
        """Count how often each session is stored."""
        if self._observe.database:
            return self._queried()
        if self._observe.command:
            return self._listed()
        return Counter(session for session, _ in self._entries())

    def forms(self, session: int) -> tuple[str, ...]:
        """Give the names under which a session lies in the folder."""
        return tuple(sorted(path.name for found, path in self._entries() if found == session))

    def members(self, session: int) -> dict[str, bytes]:
        """Give the files of a session by name, from its zip or its folder; none if there is none.

        Raises:
            Damaged: what lies there cannot be read.
        """
        for found, path in self._entries():
            if found == session:
                return _unpacked(path) if path.is_dir() else _unzipped(path)
        return {}

    def digests(self, session: int) -> dict[str, str]:
        """Give the SHA-256 of every file of a session, by name."""
        return {
            name: hashlib.sha256(data).hexdigest() for name, data in self.members(session).items()
        }

    def damaged(self) -> str | None:
        """Name an archive under its final name that is not whole; None if all are."""
        for _, path in self._entries():
            try:
                if path.is_file():
                    _unzipped(path)
            except Damaged as problem:
                return f"{path.name}: {problem}"
            except FileNotFoundError:
                continue  # replaced meanwhile
        return None

    def _entries(self) -> Iterator[tuple[int, Path]]:
        """Give what has a final name: archives, folders, and second ones of either."""
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.rglob("Session_*")):
            found = _NAMED.fullmatch(path.name)
            inside = any(part.startswith("Session_") for part in path.parts[:-1])
            if found is not None and not inside:
                yield int(found[1]), path

    def _queried(self) -> Counter[int]:
        path = filled(self._observe.database, self._values).removeprefix("sqlite:///")
        if not Path(path).is_file():
            return Counter()
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            try:
                return Counter(int(row[0]) for row in database.execute(self._observe.query))
            except sqlite3.OperationalError:  # its tables are not made yet, or it is being written
                return Counter()

    def _listed(self) -> Counter[int]:
        command = [filled(each, self._values) for each in self._observe.command]
        done = subprocess.run(  # noqa: S603  the adapter's own
            command, capture_output=True, text=True, timeout=_LIST_SECONDS, check=False
        )
        return Counter(int(word) for word in done.stdout.split() if word.isdigit())


def _unzipped(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            files = [each for each in archive.infolist() if not each.is_dir()]
            return {Path(each.filename).name: archive.read(each) for each in files}
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise Damaged(str(error) or type(error).__name__) from error


def _unpacked(path: Path) -> dict[str, bytes]:
    return {
        each.name: each.read_bytes()
        for each in sorted(path.rglob("*"))
        if each.is_file() and not each.name.startswith(".")
    }
