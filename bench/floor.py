"""The floor: logon and getSession written by hand with lxml, out of memory, nothing else.

What a person would write who needs no database, no lock, no gate, no journal, no schema and
no second operation. It parses the request with lxml, builds the answer with lxml, element by
element, and serialises it. A request it does not expect is an exception.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from lxml import etree

from broker_sim.contract import limits
from broker_sim.core.record import File, Labelled, Session
from broker_sim.service.exchange import Answer, Reply, Request

LOGON: Final = "/floor/logon"
GET_SESSION: Final = "/floor/getSession"
_SOAP: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"
_OURS: Final = f"{{{limits.NAMESPACE}}}"
_HEADERS: Final = (("Content-Type", "text/xml; charset=utf-8"),)
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True)


class Floor:
    """The service.

    Args:
        passwords: by user name.
        sessions: by id.
    """

    def __init__(self, passwords: Mapping[str, str], sessions: Mapping[int, Session]) -> None:
        self._passwords = passwords
        self._sessions = sessions
        self._connections: dict[str, str] = {}

    def logon(self, body: bytes) -> bytes:
        """Answer a logon."""
        call = _call(body)
        username, password = call.findtext(f"{_OURS}username"), call.findtext(f"{_OURS}password")
        assert username is not None
        if self._passwords[username] != password:
            raise ValueError(username)
        identifier = secrets.token_urlsafe(limits.CONNECTION_ID_BYTES)
        self._connections[identifier] = username
        envelope, answer = _envelope("logonResponse")
        _add(answer, "connectionId", identifier)
        return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")

    def get_session(self, body: bytes) -> bytes:
        """Answer a getSession."""
        call = _call(body)
        self._connections[str(call.findtext(f"{_OURS}connectionId"))]
        session = self._sessions[int(str(call.findtext(f"{_OURS}sessionId")))]
        envelope, answer = _envelope("getSessionResponse")
        _write(etree.SubElement(answer, f"{_OURS}session"), session)
        return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def inline(answer: Callable[[bytes], bytes]) -> Callable[[Request], Reply]:
    """Let it answer on the event loop: the cheapest way that the server has."""
    return lambda request: Answer(200, _HEADERS, answer(request.body))


def application(answer: Callable[[bytes], bytes]) -> Callable[..., Iterable[bytes]]:
    """Let it answer as a WSGI application."""

    def serve(environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start("200 OK", list(_HEADERS))
        return [answer(body)]

    return serve


def _call(body: bytes) -> etree._Element:
    found = etree.fromstring(body, _PARSER).find(f"{_SOAP}Body")
    assert found is not None
    return found[0]


def _envelope(response: str) -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{_SOAP}Envelope", nsmap={"soap": _SOAP[1:-1]})
    body = etree.SubElement(envelope, f"{_SOAP}Body")
    ours = {None: limits.NAMESPACE}
    answer = etree.SubElement(body, _OURS + response, nsmap=ours)  # type: ignore[arg-type]  # the stubs forget the default namespace
    return envelope, answer


def _add(parent: etree._Element, name: str, text: str | None) -> None:
    if text is not None:
        etree.SubElement(parent, _OURS + name).text = text


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat("T", "milliseconds")[:23] + "Z"


def _number(number: int | None) -> str | None:
    return None if number is None else str(number)


def _write(at: etree._Element, s: Session) -> None:
    _request(at, s)
    _course(at, s)
    events = etree.SubElement(at, f"{_OURS}events")
    for happening in s.events:
        event = etree.SubElement(events, f"{_OURS}SessionEvent")
        _add(event, "time", _instant(happening.time))
        _add(event, "kind", happening.kind)
        _add(event, "detail", happening.detail)
    files = etree.SubElement(at, f"{_OURS}files")
    for file in s.files:
        _file(etree.SubElement(files, f"{_OURS}SessionFile"), file)
    _add(at, "remoteReplayUrl", s.remote_replay_url)
    _add(at, "localReplayUrl", s.local_replay_url)


def _request(at: etree._Element, s: Session) -> None:
    _add(at, "sessionId", str(s.session_id))
    _add(at, "status", s.status)
    _add(at, "mode", s.mode)
    _add(at, "referenceId", s.reference_id)
    _add(at, "lastUpdateId", str(s.last_update_id))
    _add(at, "portal", s.portal)
    _add(at, "subPortal", s.sub_portal)
    _add(at, "question", s.question)
    _add(at, "postTime", _instant(s.posted))
    _add(at, "responseTime", _instant(s.responded))
    _add(at, "representative", s.representative)
    _add(at, "repName", s.rep_name)
    _add(at, "repScreenName", s.rep_screen_name)
    _add(at, "teamName", s.team_name)
    _add(at, "repIp", s.rep_ip)
    _add(at, "customerIp", s.customer_ip)
    _add(at, "transferredFrom", _number(s.transferred_from))
    _add(at, "transferredTo", _number(s.transferred_to))
    _labelled(at, "smartBoxEntries", s.smart_box_entries)


def _course(at: etree._Element, s: Session) -> None:
    _add(at, "startTime", _instant(s.started))
    _add(at, "endTime", _instant(s.ended))
    _add(at, "durationMinutes", _number(s.duration_minutes))
    _add(at, "resolution", s.resolution)
    _add(at, "locale", s.locale)
    _add(at, "rebootReconnect", s.reboot_reconnect)
    _add(at, "sessionEndLabel", s.end_label)
    _add(at, "sessionEndData", s.end_data)
    _labelled(at, "customerRatings", s.customer_ratings)
    _labelled(at, "repRatings", s.rep_ratings)
    _add(at, "representativeComment", s.rep_comment)


def _labelled(at: etree._Element, name: str, pairs: Sequence[Labelled]) -> None:
    listed = etree.SubElement(at, _OURS + name)
    for pair in pairs:
        item = etree.SubElement(listed, f"{_OURS}LabelledValue")
        _add(item, "label", pair.label)
        _add(item, "value", pair.value)


def _file(at: etree._Element, file: File) -> None:
    _add(at, "channel", file.channel)
    _add(at, "name", file.name)
    _add(at, "size", str(file.size))
    _add(at, "sha256", file.sha256)
    _add(at, "encrypted", "true" if file.encrypted else "false")
    _add(at, "wrappedKey", _base64(file.wrapped_key))
    _add(at, "keyVersion", _number(file.key_version))
    _add(at, "kdf", file.kdf)
    _add(at, "kdfSalt", _base64(file.kdf_salt))
    _add(at, "url", file.url)
    _add(at, "urlExpires", _instant(file.url_expires))


def _base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()
