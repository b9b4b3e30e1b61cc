"""What the naive client stores: an archive for each session, and default keys."""

from __future__ import annotations

import base64
import io
import shutil
import zipfile
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lxml import etree

from conformance.client.wrong.memory import Connection, written
from conformance.client.wrong.wire import Later, Wire, text, texts

_ENDED: Final = ("Finished", "Error")


@dataclass(frozen=True, slots=True)
class Archive:
    """A folder of archives, and what to put into it."""

    folder: Path
    channels: frozenset[str]
    unpacked: bool
    key: str
    wrong: str | None
    cache: dict[str, bytes] = field(default_factory=dict)

    def holds(self, session: str) -> bool:
        """Tell whether there is an archive of the session."""
        return (self.folder / f"Session_{session}.zip").exists()

    def store(self, session: str, connection: Connection, wire: Wire) -> None:
        """Bring a session home as it stands now, if it has ended; the same again if need be."""
        answer = connection.call("getSession", sessionId=session)
        if text(answer, "status") not in self._ended:
            return
        if self.wrong == "one-sub-portal-only" and text(answer, "subPortal") != "General":
            return
        if self.wrong == "ignores-a-late-survey" and (self.folder / f".{session}.full").exists():
            return
        if self.wrong == "dedups-by-start-time" and self._known(text(answer, "startTime"), session):
            return
        inside = {"session.xml": self._written(answer)}
        self._begin(session, inside)
        for file in self._wanted(answer, session):
            if text(file, "channel") in self.channels or self.wrong == "downloads-all":
                inside |= self._member(file, connection, wire)
                self._begin(session, inside)
            elif self.wrong == "downloads-and-drops":
                self._fetched(file, connection, wire)
        self._finish(session, inside)
        if texts(answer, "url"):
            (self.folder / f".{session}.full").touch()

    @property
    def _ended(self) -> tuple[str, ...]:
        return _ENDED[:1] if self.wrong == "finished-only" else _ENDED

    def _written(self, answer: Any) -> bytes:
        """Give the session itself as it is stored."""
        if self.wrong == "latin-letters-only":
            return etree.tostring(answer, encoding="unicode").encode("latin-1")
        if self.wrong == "drops-the-salt":
            answer = deepcopy(answer)
            for salt in answer.iter("{*}kdfSalt"):
                salt.text = None
        return etree.tostring(answer)

    def _wanted(self, answer: Any, session: str) -> list[Any]:
        """Give the files of a session that it looks at."""
        if self.wrong == "survey-drops-the-files" and (self.folder / f".{session}.full").exists():
            return []
        return list(answer.iter("{*}SessionFile"))

    def _member(self, file: Any, connection: Connection, wire: Wire) -> dict[str, bytes]:
        """Give a file as it goes into the archive, by its name."""
        name = text(file, "name")
        if self.wrong == "caches-by-name" and name in self.cache:
            return {name: self.cache[name]}
        try:
            self.cache[name] = self._fetched(file, connection, wire)
        except Later:
            if self.wrong == "stores-without-what-failed":
                return {}
            raise
        return {self._named(name): self.cache[name]}

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
        wire.counting = self.wrong == "counts-bytes-only"
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
        if self.wrong == "unpacks-in-place" and self.unpacked:
            self._folder(session, inside)
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
        in_place = self.wrong == "unpacks-in-place"
        temporary = self.folder / (f"Session_{session}" if in_place else f".Session_{session}.part")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        for name, data in inside.items():
            written(temporary / name, data, 0o644)
        target = self.folder / f"Session_{session}"
        if in_place:
            return
        shutil.rmtree(target, ignore_errors=True)
        temporary.replace(target)


def _zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()
