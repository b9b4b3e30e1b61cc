"""The session record: its stages, its events, its fields.

Source: SESS-1, SESS-2, SESS-4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Final


class Stage(StrEnum):
    """Where a session stands; finer than the wire's status by one step."""

    WAITING = "Waiting"
    ACCEPTED = "Accepted"
    IN_SESSION = "InSession"
    FINISHED = "Finished"
    ERROR = "Error"


class Event(StrEnum):
    """What happened; the words of the contract's SessionEvent kinds."""

    POSTED = "Posted"
    ACCEPTED = "Accepted"
    DECLINED = "Declined"
    UNANSWERED = "Unanswered"
    ABANDONED = "Abandoned"
    STARTED = "Started"
    CHAT = "Chat"
    FILE_SENT = "FileSent"
    URL_PUSHED = "UrlPushed"
    DIAGNOSTICS_TAKEN = "DiagnosticsTaken"
    SCREEN_ON = "ScreenSharingOn"
    SCREEN_OFF = "ScreenSharingOff"
    REBOOTED = "Rebooted"
    RECONNECTED = "Reconnected"
    TRANSFERRED = "Transferred"
    FAILED = "Failed"
    ENDED = "Ended"
    SURVEY_RECEIVED = "SurveyReceived"


class Change(StrEnum):
    """What makes an entry in the portal's change log; the contract's update kinds."""

    POSTED = "Posted"
    ACCEPTED = "Accepted"
    STARTED = "Started"
    TRANSFERRED = "Transferred"
    ENDED = "Ended"
    FAILED = "Failed"
    SURVEY_RECEIVED = "SurveyReceived"
    RECORDING_READY = "RecordingReady"
    PURGED = "Purged"


STATUS: Mapping[Stage, str] = {
    Stage.WAITING: "New",
    Stage.ACCEPTED: "New",
    Stage.IN_SESSION: "InSession",
    Stage.FINISHED: "Finished",
    Stage.ERROR: "Error",
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """One label and its value, as entered; a label may be missing. Source: SESS-4."""

    label: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of a session's events."""

    time: datetime
    kind: Event
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Representative:
    """The rep as a session remembers them."""

    email: str
    name: str
    screen_name: str
    team: str
    ip: str


@dataclass(frozen=True, slots=True)
class File:
    """One recorded file; size and digest are of the bytes as sent. Source: REC-1, REC-8."""

    channel: str
    name: str
    size: int
    sha256: str
    encrypted: bool
    wrapped_key: bytes | None = None
    key_version: int | None = None
    kdf: str | None = None
    kdf_salt: bytes | None = None
    url: str = ""
    url_expires: datetime | None = None

    def with_url(self, url: str, expires: datetime) -> File:
        """Give the file with a URL that works until `expires`."""
        return File(  # written out: `replace` takes twice the time, six times in every answer
            self.channel,
            self.name,
            self.size,
            self.sha256,
            self.encrypted,
            self.wrapped_key,
            self.key_version,
            self.kdf,
            self.kdf_salt,
            url,
            expires,
        )


@dataclass(frozen=True, slots=True)
class Session:
    """One support case, from the moment its request is posted.

    Instants are aware, UTC, to the millisecond. Field names are the contract's Python
    names, so that the record can be written to the wire as it stands.
    """

    session_id: int
    portal: str
    sub_portal: str
    question: str
    posted: datetime
    stage: Stage = Stage.WAITING
    mode: str = "Web"
    reference_id: str | None = None
    last_update_id: int = 0
    responded: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    representative: str | None = None
    rep_name: str | None = None
    rep_screen_name: str | None = None
    team_name: str | None = None
    rep_ip: str | None = None
    customer_ip: str | None = None
    transferred_from: int | None = None
    transferred_to: int | None = None
    smart_box_entries: tuple[Labelled, ...] = ()
    resolution: str | None = None
    locale: str = ""
    reboot_reconnect: str = "No"
    end_label: str | None = None
    end_data: str | None = None
    customer_ratings: tuple[Labelled, ...] = ()
    rep_ratings: tuple[Labelled, ...] = ()
    rep_comment: str | None = None
    events: tuple[Happening, ...] = ()
    files: tuple[File, ...] = ()
    remote_replay_url: str | None = None
    local_replay_url: str | None = None

    def shown(self, files: tuple[File, ...], remote: str | None, local: str | None) -> Session:
        """Give the session with these files, and where its screens can be replayed."""
        values = list(_OF_SESSION(self))
        values[_FILES] = files
        values[_REMOTE_REPLAY], values[_LOCAL_REPLAY] = remote, local
        return Session(*values)

    def updated(self, last_update_id: int) -> Session:
        """Give the session with this newest entry of the change log."""
        return self._with(_LAST_UPDATE_ID, last_update_id)

    def stepped(self, happening: Happening, stage: Stage, ended: datetime | None) -> Session:
        """Give the session after one more event, standing there, ended then."""
        values = list(_OF_SESSION(self))
        values[_EVENTS] = (*self.events, happening)
        values[_STAGE] = stage
        values[_ENDED] = ended
        return Session(*values)

    def _with(self, place: int, value: object) -> Session:
        """Give the session with another value here; `replace` takes three times as long."""
        values = list(_OF_SESSION(self))
        values[place] = value
        return Session(*values)

    @property
    def status(self) -> str:
        """The wire's word for the stage. Source: SESS-2."""
        return STATUS[self.stage]

    @property
    def duration_minutes(self) -> int | None:
        """End minus start in minutes, rounded up; None until both have happened. SESS-1."""
        if self.started is None or self.ended is None:
            return None
        return -((self.started - self.ended) // timedelta(minutes=1))


_NAMES: Final = [field.name for field in fields(Session)]
_OF_SESSION: Final = attrgetter(*_NAMES)
_EVENTS: Final = _NAMES.index("events")
_STAGE: Final = _NAMES.index("stage")
_ENDED: Final = _NAMES.index("ended")
_FILES: Final = _NAMES.index("files")
_REMOTE_REPLAY: Final = _NAMES.index("remote_replay_url")
_LOCAL_REPLAY: Final = _NAMES.index("local_replay_url")
_LAST_UPDATE_ID: Final = _NAMES.index("last_update_id")
