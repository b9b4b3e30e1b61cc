"""The replay of a session: its two screens and its chat, deciphered in the page.

The page asks for the security key and keeps it: nothing of it is ever sent. What was recorded
under the portal's default key opens by itself: the page's script gets the keys of these files,
which open no other. Source: REC-2, REC-4, REC-8.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core import chat, customer
from broker_sim.core.management import Power
from broker_sim.core.record import Event, Session
from broker_sim.service import reviewing
from broker_sim.service.reviewing import Recording
from broker_sim.web.manager import access
from broker_sim.web.manager.review import looked_at, path
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import wants_json, world

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_CHANNELS: Final = {"remote": "RemoteScreen", "local": "LocalScreen"}
_TITLES: Final = {"RemoteScreen": "Customer's screen", "LocalScreen": "Representative's screen"}


def add(app: Flask) -> None:
    """Register the pages: both screens, or one; what opens sealed diagnostics."""
    app.add_url_rule(f"{ROOT}/sessions/<int:number>/replay", "replay", replay)
    app.add_url_rule(f"{ROOT}/sessions/<int:number>/replay/<screen>", "replay_one", replay)
    app.add_url_rule(f"{ROOT}/sessions/<int:number>/diagnostics", "sealed_diagnostics", diagnostics)


@access.may(Power.SESSIONS)
def replay(number: int, screen: str | None = None) -> AnyResponse:
    """Show the page of the player, or to its script what it plays."""
    if screen is not None and screen not in _CHANNELS:
        raise NotFound("There is no such screen.")
    session = looked_at(number, "read" if wants_json() else "replayed")
    found = [
        one
        for one in reviewing.recordings(world(), session)
        if screen is None or one.file.channel == _CHANNELS[screen]
    ]
    if wants_json():
        return _described(session, found)
    page = render_template(
        "manager/replay.html",
        session=session,
        screen=screen,
        recordings=found,
        descriptor=request.script_root + request.path,
        needs_key=any(one.content_key is None for one in found),
        here="sessions",
    )
    return Response(page)


@access.may(Power.SESSIONS)
def diagnostics(number: int) -> AnyResponse:
    """Tell the script of a session's page where the sealed diagnostics are."""
    found = reviewing.sealed_diagnostics(world(), looked_at(number, "read"))
    if found is None:
        raise NotFound("There are no sealed diagnostics.")
    return jsonify(_recording(found))


def _described(session: Session, found: Sequence[Recording]) -> Response:
    """Tell the page's script what it plays; the journal strikes out all from the keys on."""
    return jsonify(
        chat=_chat(session),
        recordings=[_recording(one) for one in found],
        sessionId=session.session_id,
        started=None if session.started is None else (session.started - _EPOCH) // _MS,
    )


def _recording(one: Recording) -> Mapping[str, Any]:
    file = one.file
    return {
        "name": file.name,
        "title": _TITLES.get(file.channel, file.name),
        "channel": file.channel,
        "url": path(file),
        "size": file.size,
        "sha256": file.sha256,
        "encrypted": file.encrypted,
        "keyId": one.key_id,
        "keyVersion": file.key_version,
        "kdf": file.kdf,
        "kdfSalt": _text(file.kdf_salt),
        "wrappedKey": _text(file.wrapped_key),
        "contentKey": _text(one.content_key),
    }


def _text(octets: bytes | None) -> str | None:
    return None if octets is None else b64encode(octets).decode()


def _chat(session: Session) -> Sequence[Mapping[str, Any]]:
    """Give the chat with its offsets into the recordings, which begin as the session does."""
    if session.started is None:
        return []
    rep = chat.rep_name(session)
    return [
        {
            "ms": max(0, (line.time - session.started) // _MS),
            "who": line.speaker or "",
            "party": "rep" if line.speaker == rep else "customer",
            "text": line.text,
        }
        for line in customer.sight(session).lines
        if line.kind is Event.CHAT
    ]
