"""What a broker tells: sessions, files, updates, the portal.

Instants are aware, UTC. What is absent on the wire is None; an empty text is a text.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

CHANNELS: Final = ("LocalScreen", "RemoteScreen", "Chat", "Diagnostics")
SCREENS: Final = ("LocalScreen", "RemoteScreen")
PROPERTIES: Final = "Properties"
ENDED: Final = ("Finished", "Error")
PURGED: Final = "Purged"
# How a wrapping key is made, as `kdf` says it: handed out by the broker, or from the security key
KDF_DEFAULT_KEY: Final = "none"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One label and its value, as entered; a label may be missing."""

    label: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of a session's events."""

    time: datetime
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class File:
    """One recorded file; `size` (bytes) and `sha256` (hex) are of the bytes as sent."""

    channel: str
    name: str
    size: int
    sha256: str
    encrypted: bool
    wrapped_key: bytes | None
    key_version: int | None
    kdf: str | None
    kdf_salt: bytes | None
    url: str
    url_expires: datetime

    def key_id(self, session_id: int) -> str:
        """Name the file's key: `12012692/localScreen12012692.g2a`. Source: REC-8."""
        return f"{session_id}/{self.name}"


@dataclass(frozen=True, slots=True)
class Session:
    """One support case as it stood when it was read."""

    session_id: int
    status: str
    mode: str
    reference_id: str | None
    last_update_id: int
    portal: str
    sub_portal: str
    question: str
    post_time: datetime
    response_time: datetime | None
    representative: str | None
    rep_name: str | None
    rep_screen_name: str | None
    team_name: str | None
    rep_ip: str | None
    customer_ip: str | None
    transferred_from: int | None
    transferred_to: int | None
    smart_box_entries: tuple[Labelled, ...]
    start_time: datetime | None
    end_time: datetime | None
    duration_minutes: int | None
    resolution: str | None
    locale: str
    reboot_reconnect: str
    session_end_label: str | None
    session_end_data: str | None
    customer_ratings: tuple[Labelled, ...]
    rep_ratings: tuple[Labelled, ...]
    representative_comment: str | None
    events: tuple[Happening, ...]
    files: tuple[File, ...]
    remote_replay_url: str | None
    local_replay_url: str | None

    @property
    def ended(self) -> bool:
        """Whether it is over, well or not; only then it gets an archive."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True)
class Update:
    """One entry of the portal's change log."""

    update_id: int
    session_id: int
    kind: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal of a connection: its name, its numbers, the broker's time."""

    name: str
    display_name: str
    sub_portals: tuple[str, ...]
    retention_days: int
    page_max: int
    broker_time: datetime


def chosen(session: Session, channels: frozenset[str]) -> tuple[File, ...]:
    """Pick the files to store: those of the chosen channels, and the properties always.

    Source: C-STORE-1, C-STORE-3.
    """
    return tuple(f for f in session.files if f.channel in channels or f.channel == PROPERTIES)


def plain(session: Session) -> dict[str, Any]:
    """Put a session into JSON's types; links that expire are left out.

    Two readings of an unchanged session give the same.
    """
    return {name: _plain(value) for name, value in _items(session)}


def keys(session: Session, files: tuple[File, ...]) -> dict[str, Any]:
    """Tell, in JSON's types, what opens each encrypted file, but for the wrapping key itself.

    Source: C-KEY-1.
    """
    return {
        file.name: {
            "key_id": file.key_id(session.session_id),
            "wrapped_key": _plain(file.wrapped_key),
            "key_version": file.key_version,
            "kdf": file.kdf,
            "kdf_salt": _plain(file.kdf_salt),
        }
        for file in files
        if file.encrypted
    }


def instant(moment: datetime) -> str:
    """Write an instant as the broker does: `2026-01-25T08:07:29.123Z`."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _items(value: object) -> list[tuple[str, Any]]:
    names = (f.name for f in fields(value))  # type: ignore[arg-type]  # records only come here
    return [(name, getattr(value, name)) for name in names if name not in ("url", "url_expires")]


def _plain(value: object) -> Any:
    match value:
        case datetime():
            return instant(value)
        case bytes():
            return base64.b64encode(value).decode()
        case tuple():
            return [_plain(item) for item in value]
        case Labelled() | Happening() | File():
            return {name: _plain(item) for name, item in _items(value)}
        case _:
            return value


def safe_name(name: str) -> bool:
    """Whether a file name may be used as it stands: one plain name, nothing hidden, no path."""
    harmless = all(c.isalnum() or c in "._-" for c in name)
    return 0 < len(name) <= 200 and harmless and name.isascii() and not name.startswith(".")


def problems(session: Session) -> list[str]:
    """Say what makes a record unfit to be stored: names that would leave their folder, doubles."""
    names = [file.name for file in session.files]
    found = [f"unsafe file name {name!r}" for name in names if not safe_name(name)]
    reserved = {"session.json", "keys.json"}
    found += [
        f"file name {name!r} twice" for name in sorted({n for n in names if names.count(n) > 1})
    ]
    found += [f"reserved file name {name!r}" for name in names if name in reserved]
    found += [f"file {f.name!r} is encrypted and has no key" for f in session.files if _keyless(f)]
    found += [f"file {f.name!r} has no SHA-256" for f in session.files if not _digest(f.sha256)]
    if session.ended and session.end_time is None:
        found.append("ended without an end time")
    return found


def _digest(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _keyless(file: File) -> bool:
    return file.encrypted and None in (file.wrapped_key, file.key_version, file.kdf)


def key_versions(files: tuple[File, ...]) -> frozenset[int]:
    """The default keys that these files need, by version. Source: REC-8."""
    return frozenset(
        file.key_version
        for file in files
        if file.encrypted and file.kdf == KDF_DEFAULT_KEY and file.key_version is not None
    )
