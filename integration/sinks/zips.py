"""Archives as `Session_<id>.zip`.

What deflate cannot make smaller is stored as it is. Equal sessions give equal bytes.

Source: C-STORE-1, C-STORE-2.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from integration.crashpoint import point
from integration.durable import replacing
from integration.errors import Distrust
from integration.sinks.shelf import Member, copy

_LEVEL: Final = 1
_MODE: Final = 0o100644 << 16
_STANDING_STILL: Final = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the format's first instant, so that bytes are equal


class Zips:
    """A folder of zips."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def name(self, session_id: int) -> str:
        """The archive's name in the folder."""
        return f"Session_{session_id}.zip"

    def holds(self, session_id: int) -> bool:
        """Whether there is an archive of the session."""
        return self._path(session_id).is_file()

    def names(self, session_id: int) -> Sequence[str]:
        """List the members of an archive."""
        with self._archive(session_id) as archive:
            return archive.namelist()

    @contextmanager
    def open(self, session_id: int, member: str) -> Iterator[BinaryIO]:
        """Open a member of an archive; raises `KeyError` if there is none of that name."""
        with self._archive(session_id) as archive, archive.open(member) as stream:
            yield cast("BinaryIO", stream)

    def put(self, session_id: int, members: Sequence[Member]) -> None:
        """Put an archive in place of what is there, whole or not at all."""
        path = self._path(session_id)
        with replacing(path) as file:
            with zipfile.ZipFile(file, "w") as archive:
                for member in members:
                    _add(archive, member)
            point("archive-written")
        point("archive-named")

    def remove(self, session_id: int) -> None:
        """Remove the session's archive, if there is one."""
        self._path(session_id).unlink(missing_ok=True)

    def _path(self, session_id: int) -> Path:
        return self._folder / self.name(session_id)

    @contextmanager
    def _archive(self, session_id: int) -> Iterator[zipfile.ZipFile]:
        """Open an archive to read; raises `Distrust` if it is damaged."""
        try:
            with zipfile.ZipFile(self._path(session_id)) as archive:
                yield archive
        except (zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise Distrust(f"{self.name(session_id)} is damaged: {error}") from error


def _add(archive: zipfile.ZipFile, member: Member) -> None:
    info = zipfile.ZipInfo(member.name, _STANDING_STILL)
    info.external_attr = _MODE
    info.compress_type = zipfile.ZIP_STORED if member.dense else zipfile.ZIP_DEFLATED
    info._compresslevel = None if member.dense else _LEVEL  # type: ignore[attr-defined]  # noqa: SLF001  public from Python 3.13 only
    large = member.size >= zipfile.ZIP64_LIMIT
    with archive.open(info, "w", force_zip64=large) as target:
        copy(member, target.write)
