"""A broker, downloads and a clock in memory: the pipeline's ports without a wire."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from integration.core.record import PURGED, File, Happening, Labelled, Portal, Session, Update
from integration.core.window import Window
from integration.crashpoint import point
from integration.durable import write
from integration.errors import (
    BehindEdge,
    CursorAhead,
    Distrust,
    LinkExpired,
    LogTruncated,
    PageLost,
    Park,
)
from integration.status.progress import Silent

START = datetime(2030, 1, 1, tzinfo=UTC)
FIRST_ID = 12_012_692
RETENTION = timedelta(days=90)


class ManualClock:
    """Stands still until somebody waits."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._ticks = 0.0
        self.stopping = False
        self.waits: list[float] = []
        self.on_wait: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self._now

    def ticks(self) -> float:
        return self._ticks

    def wait(self, seconds: float) -> bool:
        if not self.stopping:
            self.waits.append(seconds)
            self.advance(seconds)
            self.on_wait()
        return self.stopping

    def stop(self) -> None:
        self.stopping = True

    def chance(self) -> float:
        return 0.0

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._ticks += seconds


def make_file(session_id: int, channel: str, content: bytes, name: str | None = None) -> File:
    sealed = channel.endswith("Screen")
    names = {
        "LocalScreen": f"localScreen{session_id}.g2a",
        "RemoteScreen": f"remoteScreen{session_id}.g2a",
        "Chat": f"chatTranscript{session_id}.txt",
        "Diagnostics": "remoteDiagnostics.txt",
        "Properties": f"session{session_id}.properties",
    }
    return File(
        channel=channel,
        name=names[channel] if name is None else name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        encrypted=sealed,
        wrapped_key=bytes(24) if sealed else None,
        key_version=1 if sealed else None,
        kdf="none" if sealed else None,
        kdf_salt=None,
        url=f"https://broker.example/recordings/{session_id}/{names[channel]}?first",
        url_expires=START + timedelta(hours=1),
    )


def make_session(session_id: int, ended: datetime | None = None, **more: object) -> Session:
    plain = Session(
        session_id=session_id,
        status="InSession" if ended is None else "Finished",
        mode="Web",
        reference_id=None,
        last_update_id=1,
        portal="acme",
        sub_portal="general",
        question="Häßlich & <schön> 🙂",
        post_time=START,
        response_time=START,
        representative="rep@example.com",
        rep_name="Rep",
        rep_screen_name="R",
        team_name="Team",
        rep_ip="192.0.2.1",
        customer_ip="198.51.100.1",
        transferred_from=None,
        transferred_to=None,
        smart_box_entries=(Labelled("Name", "Jo"), Labelled(None, "")),
        start_time=START,
        end_time=ended,
        duration_minutes=None if ended is None else 3,
        resolution=None if ended is None else "Resolved",
        locale="",
        reboot_reconnect="No",
        session_end_label="",
        session_end_data=None,
        customer_ratings=(),
        rep_ratings=(Labelled("$Nickname?", "good"),),
        representative_comment=None,
        events=(Happening(START, "Posted", ""),),
        files=(),
        remote_replay_url=None,
        local_replay_url=None,
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # names of its fields


@dataclass
class FakeBroker:
    """Keeps sessions and a change log, and answers as the contract says."""

    clock: ManualClock
    page_max: int = 3
    sessions: dict[int, Session] = field(default_factory=dict)
    contents: dict[tuple[int, str], bytes] = field(default_factory=dict)
    log: list[Update] = field(default_factory=list)
    purged: set[int] = field(default_factory=set)
    oldest: int = 1
    calls: Counter[str] = field(default_factory=Counter)
    polls: list[float] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)
    trouble: Callable[[str], Exception | None] = lambda _: None
    link: str = "first"

    # What happens at the broker

    def open(self, session_id: int) -> None:
        self._change(make_session(session_id), "Started")

    def end(self, session_id: int) -> None:
        ended = self.sessions[session_id]
        now = self.clock.now()
        self._change(replace(ended, status="Finished", end_time=now, duration_minutes=1), "Ended")

    def record(self, session_id: int, size: int = 200_000) -> None:
        files = []
        for channel in ("LocalScreen", "RemoteScreen", "Chat", "Diagnostics", "Properties"):
            content = hashlib.shake_128(f"{session_id}{channel}".encode()).digest(size)
            file = make_file(session_id, channel, content)
            self.contents[session_id, file.name] = content
            files.append(file)
        self._change(replace(self.sessions[session_id], files=tuple(files)), "RecordingReady")

    def survey(self, session_id: int) -> None:
        ratings = (Labelled("How was it?", "fine"),)
        rated = replace(self.sessions[session_id], customer_ratings=ratings)
        self._change(rated, "SurveyReceived")

    def purge(self, session_id: int) -> None:
        self._note(session_id, PURGED)
        del self.sessions[session_id]
        self.purged.add(session_id)

    def whole(self, session_id: int) -> None:
        self.open(session_id)
        self.end(session_id)
        self.record(session_id)

    def _change(self, session: Session, kind: str) -> None:
        place = self._note(session.session_id, kind)
        self.sessions[session.session_id] = replace(session, last_update_id=place)

    def _note(self, session_id: int, kind: str) -> int:
        place = self.log[-1].update_id + 1 if self.log else 1
        self.log.append(Update(place, session_id, kind, self.clock.now()))
        return place

    # What it answers

    def _called(self, operation: str) -> None:
        self.calls[operation] += 1
        error = self.trouble(operation)
        if error is not None:
            raise error

    def connect(self) -> Portal:
        return self.portal()

    def portal(self) -> Portal:
        self._called("getPortal")
        return Portal("acme", "Acme", ("general",), 90, self.page_max, self.clock.now())

    def session(self, session_id: int) -> Session:
        self._called("getSession")
        if session_id in self.purged:
            raise Park("purged")
        if session_id not in self.sessions:
            raise Park("no such session")
        found = self.sessions[session_id]
        links = tuple(replace(f, url=f.url.replace("first", self.link)) for f in found.files)
        return replace(found, files=links)

    def session_ids(
        self, window: Window, *, by: str = "Ended", after: int | None = None
    ) -> Sequence[int]:
        self._called("getSessionIds")
        edge = self.clock.now() - RETENTION
        if window.start < edge:
            raise BehindEdge(edge)
        inside = [
            s for s in self.sessions.values() if window.start <= self._time(s, by) < window.end
        ]
        ids = [
            s.session_id for s in sorted(inside, key=lambda s: (self._time(s, by), s.session_id))
        ]
        if after is not None:
            if after not in ids:
                raise PageLost("gone")
            ids = ids[ids.index(after) + 1 :]
        return ids[: self.page_max]

    def _time(self, session: Session, by: str) -> datetime:
        if by == "Updated":
            return self.log[session.last_update_id - 1].time
        return session.end_time or datetime.max.replace(tzinfo=UTC)

    def last_update_id(self) -> int:
        self._called("getLastUpdateId")
        return self.log[-1].update_id if self.log else 0

    def updates(self, since: int) -> Sequence[Update]:
        self.polls.append(self.clock.ticks())
        self._called("getUpdates")
        newest = self.log[-1].update_id if self.log else 0
        if since > newest:
            raise CursorAhead(newest)
        if since < self.oldest - 1:
            raise LogTruncated(self.oldest)
        return [u for u in self.log if u.update_id > since][: self.page_max]

    def default_key(self, version: int) -> bytes:
        self._called("getDefaultKey")
        return bytes([version]) * 16

    def close(self) -> None:
        self._called("logoff")

    # Its downloads

    def fetch(self, file: File, target: str) -> None:
        self._called("download")
        self.downloads.append(file.name)
        if not file.url.endswith(self.link):
            raise LinkExpired("expired")
        session_id = int(file.url.split("/")[4])
        content = self.contents[session_id, file.name]
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise Distrust("another digest")
        write(Path(target), content)
        point("part-whole")


class Told(Silent):
    """An observer that remembers."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: list[tuple[int, str]] = []

    def found(self, sessions: int) -> None:
        self.counts["found"] += sessions

    def received(self, size: int) -> None:
        self.counts["received"] += size

    def stored(self, sessions: int) -> None:
        self.counts["stored"] += sessions

    def failed(self, session_id: int, problem: str) -> None:
        self.problems.append((session_id, problem))
