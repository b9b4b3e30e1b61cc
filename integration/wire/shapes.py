"""The broker's answers, by wire names, as our records; what does not fit is not taken.

Source: SESS-4, C-NET-2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

from integration.core import window
from integration.core.record import File, Happening, Labelled, Portal, Session, Update
from integration.errors import Distrust

Raw: TypeAlias = Mapping[str, Any]
T = TypeVar("T")

# Our names of a session's plain fields, by the wire's
_TEXTS: Final = {
    "status": "status",
    "mode": "mode",
    "portal": "portal",
    "subPortal": "sub_portal",
    "question": "question",
    "locale": "locale",
    "rebootReconnect": "reboot_reconnect",
}
_OPTIONAL_TEXTS: Final = {
    "referenceId": "reference_id",
    "representative": "representative",
    "repName": "rep_name",
    "repScreenName": "rep_screen_name",
    "teamName": "team_name",
    "repIp": "rep_ip",
    "customerIp": "customer_ip",
    "resolution": "resolution",
    "sessionEndLabel": "session_end_label",
    "sessionEndData": "session_end_data",
    "representativeComment": "representative_comment",
    "remoteReplayUrl": "remote_replay_url",
    "localReplayUrl": "local_replay_url",
}
_OPTIONAL_NUMBERS: Final = {
    "transferredFrom": "transferred_from",
    "transferredTo": "transferred_to",
    "durationMinutes": "duration_minutes",
}
_OPTIONAL_INSTANTS: Final = {
    "responseTime": "response_time",
    "startTime": "start_time",
    "endTime": "end_time",
}


def session(raw: object) -> Session:
    """Take a session.

    Raises:
        Distrust: something is missing or is not what the contract says.
    """
    with _trusted("a session"):
        given = _group(raw)
        plain: dict[str, Any] = {
            **{ours: _text(given[wire]) for wire, ours in _TEXTS.items()},
            **{ours: _or_none(_text, given[wire]) for wire, ours in _OPTIONAL_TEXTS.items()},
            **{ours: _or_none(_number, given[wire]) for wire, ours in _OPTIONAL_NUMBERS.items()},
            **{ours: _or_none(_instant, given[wire]) for wire, ours in _OPTIONAL_INSTANTS.items()},
        }
        return Session(
            session_id=_number(given["sessionId"]),
            last_update_id=_number(given["lastUpdateId"]),
            post_time=_instant(given["postTime"]),
            smart_box_entries=_many(given["smartBoxEntries"], _labelled),
            customer_ratings=_many(given["customerRatings"], _labelled),
            rep_ratings=_many(given["repRatings"], _labelled),
            events=_many(given["events"], _happening),
            files=_many(given["files"], _file),
            **plain,
        )


def portal(raw: object) -> Portal:
    """Take a portal; raises `Distrust`."""
    with _trusted("a portal"):
        given = _group(raw)
        return Portal(
            name=_text(given["name"]),
            display_name=_text(given["displayName"]),
            sub_portals=_many(given["subPortals"], _text),
            retention_days=_number(given["retentionDays"]),
            page_max=_number(given["pageMax"]),
            broker_time=_instant(given["brokerTime"]),
        )


def updates(raw: object) -> tuple[Update, ...]:
    """Take a page of the change log; raises `Distrust`."""
    with _trusted("a page of updates"):
        return _many(raw, _update)


def ids(raw: object) -> tuple[int, ...]:
    """Take a page of session ids; raises `Distrust`."""
    with _trusted("a page of ids"):
        return _many(raw, _number)


def number(raw: object) -> int:
    """Take a number; raises `Distrust`."""
    with _trusted("a number"):
        return _number(raw)


def key(raw: object) -> bytes:
    """Take a default key; raises `Distrust`."""
    with _trusted("a key"):
        given = _binary(_group(raw)["key"])
        if len(given) != 16:
            raise ValueError("length")
        return given


def text(raw: object) -> str:
    """Take a text that is not empty; raises `Distrust`."""
    with _trusted("a text"):
        given = _text(raw)
        if not given:
            raise ValueError("empty")
        return given


@contextmanager
def _trusted(what: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        # the value stays unsaid: it may be a customer's
        raise Distrust(f"the broker's answer is not {what}: {type(error).__name__}") from None


def _labelled(raw: object) -> Labelled:
    given = _group(raw)
    return Labelled(_or_none(_text, given["label"]), _text(given["value"]))


def _happening(raw: object) -> Happening:
    given = _group(raw)
    return Happening(_instant(given["time"]), _text(given["kind"]), _text(given["detail"]))


def _file(raw: object) -> File:
    given = _group(raw)
    return File(
        channel=_text(given["channel"]),
        name=_text(given["name"]),
        size=_number(given["size"]),
        sha256=_text(given["sha256"]).lower(),
        encrypted=_flag(given["encrypted"]),
        wrapped_key=_or_none(_binary, given["wrappedKey"]),
        key_version=_or_none(_number, given["keyVersion"]),
        kdf=_or_none(_text, given["kdf"]),
        kdf_salt=_or_none(_binary, given["kdfSalt"]),
        url=_text(given["url"]),
        url_expires=_instant(given["urlExpires"]),
    )


def _update(raw: object) -> Update:
    given = _group(raw)
    return Update(
        update_id=_number(given["updateId"]),
        session_id=_number(given["sessionId"]),
        kind=_text(given["kind"]),
        time=_instant(given["time"]),
    )


def _group(raw: object) -> Raw:
    if not isinstance(raw, dict):
        raise TypeError
    return raw


def _many(raw: object, take: Callable[[object], T]) -> tuple[T, ...]:
    """Take a list; one without items comes as nothing, or as a wrapper without content."""
    if isinstance(raw, dict) and not any(raw.values()):
        raw = None
    if raw in (None, ""):
        return ()
    if not isinstance(raw, list):
        raise TypeError
    return tuple(take(item) for item in raw)


def _or_none(take: Callable[[object], T], raw: object) -> T | None:
    return None if raw is None else take(raw)


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw


def _number(raw: object) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 0:
        raise TypeError
    return raw


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise TypeError
    return raw


def _binary(raw: object) -> bytes:
    if not isinstance(raw, bytes):
        raise TypeError
    return raw


def _instant(raw: object) -> datetime:
    if not isinstance(raw, datetime):
        raise TypeError
    return window.utc(raw)
