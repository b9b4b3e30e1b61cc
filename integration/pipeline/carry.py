"""Carry one session home: record, files, archive. The row follows with those of others.

Source: C-ONCE-1, C-ONCE-2, C-STORE-1 to C-STORE-3, C-KEY-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from integration.core.journey import Event
from integration.core.ports import Clock, Downloads, Observer, Sessions
from integration.core.record import File, Session, chosen, key_versions
from integration.crashpoint import point
from integration.errors import LinkExpired, Park, Retry
from integration.pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Carried:
    """A session whose archive is in place and whose row is still to be written.

    Attributes:
        held: every update up to this one shows in `session`.
        archive: its archive's name; None while it is open.
        files: those in the archive.
    """

    session: Session
    held: int
    archive: str | None
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Carrier:
    """Carries sessions from a broker into a store. Threads may share it.

    Attributes:
        anew: fetch everything again, as if nothing were in the archive.
    """

    store: Store
    broker: Sessions
    downloads: Downloads
    clock: Clock
    observer: Observer
    anew: bool = False

    def carry(self, session_id: int) -> Carried | None:
        """Bring a session's record and files home.

        Returns:
            None if another process of this client has done so meanwhile.

        Raises:
            Park, Retry, Distrust, Stop: see `errors`.
        """
        ledger = self.store.ledger
        with self.store.hold(session_id):
            before = ledger.journey(session_id)
            if before is None or before.finished:
                return None
            session = self.broker.session(session_id)
            ledger.advance(session_id, Event.FETCH)
            point("fetched")
            files = chosen(session, self.store.channels) if session.ended else ()
            fresh = self._files(session, files, again=before.attempts > 0)
            ledger.advance(session_id, Event.DOWNLOAD)
            point("downloaded")
            archive = self._archive(session, files, fresh) if session.ended else None
            ledger.advance(session_id, Event.ARCHIVE)
            point("archived")
        return Carried(session, max(session.last_update_id, before.wanted), archive, files)

    def _files(self, session: Session, files: tuple[File, ...], *, again: bool) -> dict[str, Path]:
        """Complete the files and keys that are not kept yet; gives the files' places by name."""
        if self.anew:
            self.store.archive.doubt(session.session_id)
        self._keys(session, files)
        fresh = {}
        links: dict[str, File] = {}
        for file in self.store.archive.lacking(session, files):
            if self.clock.stopping:
                raise Retry("stopped")
            target = self.store.part(session.session_id, file)
            if not target.is_file():
                self._one(session, file, links, target)
                self.observer.received(file.size)
                if again:
                    self.store.ledger.progressed(session.session_id)
            fresh[file.name] = target
        return fresh

    def _archive(self, session: Session, files: tuple[File, ...], fresh: dict[str, Path]) -> str:
        """See that the archive holds the session as it is now; gives its name."""
        archive = self.store.archive
        if not fresh and not self.anew and archive.current(session, files):
            return archive.keep(session.session_id)
        return archive.put(session, files, fresh)

    def _one(self, session: Session, file: File, links: dict[str, File], target: Path) -> None:
        """Download a file; if its link has expired, once, by a new one, noted in `links`."""
        try:
            self.downloads.fetch(links.get(file.name, file), str(target))
        except LinkExpired:
            now = self.broker.session(session.session_id)
            links.update((fresh.name, fresh) for fresh in now.files)
            fresh = links.get(file.name)
            if fresh is None or fresh.sha256 != file.sha256:
                raise Retry("its files have changed meanwhile") from None
            self.downloads.fetch(fresh, str(target))

    def _keys(self, session: Session, files: tuple[File, ...]) -> None:
        """Keep the default keys that these files need."""
        for version in sorted(key_versions(files)):
            if not self.store.keychain.has(session.portal, version):
                try:
                    key = self.broker.default_key(version)
                except Park as withheld:
                    raise Retry(f"the default key {version}: {withheld}") from None
                self.store.keychain.keep(session.portal, version, key)
