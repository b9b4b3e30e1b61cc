"""The archive of each session: its record, what opens its files, and the files themselves.

Encrypted files stay encrypted. The record is `session.json`; for each encrypted file
`keys.json` has the wrapped key and what belongs to it.

Source: C-STORE-1 to C-STORE-3, C-KEY-1, C-ONCE-2.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from integration.core.record import File, Session, keys, plain
from integration.durable import make_folder
from integration.errors import Distrust, Retry
from integration.sinks.folders import Folders
from integration.sinks.shelf import INDEX, KEYS, Member, Shelf
from integration.sinks.zips import Zips


class Archive:
    """A folder of archives; one writer per session at a time."""

    def __init__(self, folder: Path, *, unpacked: bool) -> None:
        make_folder(folder)
        zips, folders = Zips(folder), Folders(folder)
        self._shelf: Shelf = folders if unpacked else zips
        self._other: Shelf = zips if unpacked else folders
        self._doubtful: set[int] = set()  # archives whose files have turned out to be damaged

    def name(self, session_id: int) -> str:
        """The archive's name in the folder."""
        return self._shelf.name(session_id)

    def holds(self, session_id: int) -> bool:
        """Whether there is an archive of the session, in the form that is wanted."""
        return self._shelf.holds(session_id)

    def current(self, session: Session, files: Sequence[File]) -> bool:
        """Whether the archive holds this very record and these files."""
        wanted = {INDEX, KEYS, *(file.name for file in files)}
        try:
            with _translated():
                return (
                    self.holds(session.session_id)
                    and self.index(session.session_id) == plain(session)
                    and wanted <= set(self._shelf.names(session.session_id))
                )
        except Distrust:
            return False

    def keep(self, session_id: int) -> str:
        """Leave an archive that is current as it is, the only one of its session."""
        with _translated():
            self._other.remove(session_id)
        return self.name(session_id)

    def lacking(self, session: Session, files: Sequence[File]) -> list[File]:
        """Tell which files are not in the archive yet, by name, size and digest."""
        with _translated():
            inside = self._inside(session.session_id)
        return [file for file in files if inside.get(file.name) != (file.size, file.sha256)]

    def doubt(self, session_id: int) -> None:
        """Take no file from the session's archive any more: all are to be fetched again."""
        self._doubtful.add(session_id)

    def put(self, session: Session, files: Sequence[File], fresh: Mapping[str, Path]) -> str:
        """Write the session's archive; files come from `fresh` by name, else from the old archive.

        Raises:
            Distrust: a file is not what was verified; it is gone from `fresh` then.
            Retry: the disk refuses.
        """
        texts = {INDEX: plain(session), KEYS: keys(session, tuple(files))}
        members = [_text(name, content) for name, content in texts.items()]
        for file in files:
            source = fresh.get(file.name)
            opener = _opener(source) if source else self._old(session, file)
            kept = source is None
            members.append(Member(file.name, file.size, file.sha256, file.encrypted, kept, opener))
        try:
            with _translated():
                self._shelf.put(session.session_id, members)
                self._other.remove(session.session_id)
        except Distrust:
            self.doubt(session.session_id)
            for path in fresh.values():
                path.unlink(missing_ok=True)
            raise
        self._doubtful.discard(session.session_id)
        return self.name(session.session_id)

    def index(self, session_id: int) -> dict[str, Any]:
        """Read the record that an archive holds; raises `Distrust` if there is none to read."""
        return self._json(session_id, INDEX)

    def keys(self, session_id: int) -> dict[str, Any]:
        """Read what opens the encrypted files of an archive; raises `Distrust`."""
        return self._json(session_id, KEYS)

    def names(self, session_id: int) -> Sequence[str]:
        """List the members of an archive; raises `Distrust` if it is damaged."""
        return self._shelf.names(session_id)

    def open(self, session_id: int, member: str) -> AbstractContextManager[BinaryIO]:
        """Open a member of an archive."""
        return self._shelf.open(session_id, member)

    def _json(self, session_id: int, name: str) -> dict[str, Any]:
        try:
            with self._shelf.open(session_id, name) as stream:
                found = json.load(stream)
        except (ValueError, KeyError) as error:
            raise Distrust(f"{self.name(session_id)} has no readable {name}") from error
        if not isinstance(found, dict):
            raise Distrust(f"{self.name(session_id)} has no readable {name}")
        return found

    def _inside(self, session_id: int) -> dict[str, tuple[int, str]]:
        """Tell size and digest of the files in the archive; a damaged archive has none."""
        if session_id in self._doubtful or not self.holds(session_id):
            return {}
        try:
            told = {
                file["name"]: (file["size"], file["sha256"])
                for file in self.index(session_id)["files"]
            }
            there = set(self.names(session_id))
        except (Distrust, KeyError, TypeError):
            return {}
        return {name: seal for name, seal in told.items() if name in there}

    def _old(self, session: Session, file: File) -> Callable[[], AbstractContextManager[BinaryIO]]:
        return lambda: self._shelf.open(session.session_id, file.name)


def _opener(path: Path) -> Callable[[], AbstractContextManager[BinaryIO]]:
    return lambda: path.open("rb")


def _text(name: str, content: Mapping[str, Any]) -> Member:
    text = json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"
    return Member(name, len(text), None, False, False, lambda: nullcontext(io.BytesIO(text)))  # noqa: FBT003  neither dense nor kept


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Retry(f"the archive: {error.strerror or error}") from error
