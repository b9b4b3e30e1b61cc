"""Archives as folders `Session_<id>`, for those who want the files themselves.

A new folder appears whole. In one that is there each file is replaced whole, the index last.

Source: C-STORE-1, C-STORE-2.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from integration.core.record import safe_name
from integration.crashpoint import point
from integration.durable import make_folder, put_in_place, replacing, sync_folder, temporary_of
from integration.sinks.shelf import INDEX, Member, copy, see


class Folders:
    """A folder of folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def name(self, session_id: int) -> str:
        """The archive's name in the folder."""
        return f"Session_{session_id}"

    def holds(self, session_id: int) -> bool:
        """Whether there is an archive of the session."""
        return (self._path(session_id) / INDEX).is_file()

    def names(self, session_id: int) -> Sequence[str]:
        """List the members of an archive; what is half-written is none."""
        inside = self._path(session_id).iterdir()
        return sorted(path.name for path in inside if not path.name.startswith("."))

    @contextmanager
    def open(self, session_id: int, member: str) -> Iterator[BinaryIO]:
        """Open a member of an archive; raises `KeyError` if there is none of that name."""
        try:
            with (self._path(session_id) / member).open("rb") as stream:
                yield stream
        except FileNotFoundError:
            raise KeyError(member) from None

    def put(self, session_id: int, members: Sequence[Member]) -> None:
        """Put an archive in place of what is there; no file of it is ever half-written."""
        path = self._path(session_id)
        if path.is_dir():
            self._renew(path, members)
        else:
            fresh = temporary_of(path)
            shutil.rmtree(fresh, ignore_errors=True)
            make_folder(fresh)
            _fill(fresh, members)
            point("archive-written")
            put_in_place(fresh, path)
        point("archive-named")

    def remove(self, session_id: int) -> None:
        """Remove the session's archive, if there is one."""
        shutil.rmtree(self._path(session_id), ignore_errors=True)

    def _path(self, session_id: int) -> Path:
        return self._folder / self.name(session_id)

    def _renew(self, path: Path, members: Sequence[Member]) -> None:
        old = _named(path / INDEX)
        _fill(path, [member for member in members if member.name != INDEX])
        point("archive-written")
        _fill(path, [member for member in members if member.name == INDEX])
        for left in old - {member.name for member in members}:
            (path / left).unlink(missing_ok=True)
        sync_folder(path)


def _fill(folder: Path, members: Sequence[Member]) -> None:
    for member in members:
        if member.kept:
            see(member)
            continue
        with replacing(folder / member.name) as file:
            copy(member, file.write)
    sync_folder(folder)


def _named(index: Path) -> set[str]:
    """Tell which files an index names; others in the folder are not ours to touch."""
    try:
        names = {str(file["name"]) for file in json.loads(index.read_bytes())["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in names if safe_name(name)}
