"""What the naive client stores: an archive for each session, and default keys."""

from __future__ import annotations

import base64
import io
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree

from conformance.client.wrong.memory import Connection, written
from conformance.client.wrong.wire import Wire, text, texts

_ENDED: Final = ("Finished", "Error")


@dataclass(frozen=True, slots=True)
class Archive:
    """A folder of archives, and what to put into it."""

    folder: Path
    channels: frozenset[str]
    unpacked: bool
    key: str
    wrong: str | None

    def holds(self, session: str) -> bool:
        """Tell whether there is an archive of the session."""
        return (self.folder / f"Session_{session}.zip").exists()

    def store(self, session: str, connection: Connection, wire: Wire) -> None:
        """Bring a session home as it stands now, if it has ended; the same again if need be."""
        answer = connection.call("getSession", sessionId=session)
        if text(answer, "status") not in _ENDED:
            return
        if self.wrong == "ignores-a-late-survey" and (self.folder / f".{session}.full").exists():
            return
        if self.wrong == "dedups-by-start-time" and self._known(text(answer, "startTime"), session):
            return
        inside = {"session.xml": etree.tostring(answer)}
        self._begin(session, inside)
        for file in answer.iter("{*}SessionFile"):
            if text(file, "channel") in self.channels or self.wrong == "downloads-all":
                inside[self._named(text(file, "name"))] = self._fetched(file, connection, wire)
                self._begin(session, inside)
            elif self.wrong == "downloads-and-drops":
                self._fetched(file, connection, wire)
        self._finish(session, inside)
        if texts(answer, "url"):
            (self.folder / f".{session}.full").touch()

    def _known(self, started: str, session: str) -> bool:
        mark = self.folder / f".{started.replace(':', '')}"
        if mark.exists() and mark.read_text() != session:
            return True
        mark.write_text(session)
        return False

    def _named(self, name: str) -> str:
        return f"file-{name}" if self.wrong == "own-names" else name

    def _fetched(self, file: Any, connection: Connection, wire: Wire) -> bytes:
        careless = self.wrong == "accepts-truncated"
        size, digest = int(text(file, "size")), text(file, "sha256")
        data = wire.download(text(file, "url"), size, digest, careless=careless)
        if text(file, "kdf") == "none":
            self._keep_key(text(file, "keyVersion"), connection)
        elif text(file, "encrypted") == "true" and self.wrong == "garbage-on-wrong-key":
            return bytes(byte ^ ord(self.key[n % len(self.key)]) for n, byte in enumerate(data))
        return data

    def _keep_key(self, version: str, connection: Connection) -> None:
        path = self.folder / "keys" / f"default-{version}.key"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            answer = connection.call("getDefaultKey", keyVersion=version)
            mode = 0o644 if self.wrong == "default-key-for-all" else 0o600
            written(path, base64.b64decode(text(answer, "key")).hex().encode(), mode)

    def _begin(self, session: str, inside: dict[str, bytes]) -> None:
        if self.wrong == "final-name-at-once":
            (self.folder / f"Session_{session}.zip").write_bytes(_zipped(inside.items()))

    def _finish(self, session: str, inside: dict[str, bytes]) -> None:
        name = self._free_name(session)
        if self.unpacked:
            self._folder(session, inside)
        if not self.unpacked or self.wrong == "zip-beside-folder":
            synced = self.wrong != "renames-before-fsync"
            written(self.folder / name, _zipped(inside.items()), 0o644, synced=synced)

    def _free_name(self, session: str) -> str:
        """Give the archive's name; where the mistake is to store twice, one that is free."""
        if self.wrong in ("data-before-cursor", "second-archive") and self.holds(session):
            return f"Session_{session}-{len(list(self.folder.glob(f'Session_{session}*')))}.zip"
        return f"Session_{session}.zip"

    def _folder(self, session: str, inside: dict[str, bytes]) -> None:
        temporary = self.folder / f".Session_{session}.part"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        for name, data in inside.items():
            written(temporary / name, data, 0o644)
        target = self.folder / f"Session_{session}"
        shutil.rmtree(target, ignore_errors=True)
        temporary.replace(target)


def _zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()
