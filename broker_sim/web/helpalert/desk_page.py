"""The desk's page, and what it reads: the whole desk, one session, and what a dialog asks for.

Source: AGENT-1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.contract import faults, limits
from broker_sim.core.channel import Party
from broker_sim.core.refusal import Refused
from broker_sim.service import desk_codes, desk_view, dispatch
from broker_sim.web import channel_answer
from broker_sim.web.helpalert import access, told
from broker_sim.web.helpalert.cookies import CONNECTION
from broker_sim.web.helpalert.doings import session_id
from broker_sim.web.pages import given, plain, world

_ALSO_MOST = 50


def add(app: Flask) -> None:
    """Register the page and what it reads."""
    app.add_url_rule("/helpalert/", "desk", _page)
    app.add_url_rule("/helpalert/state", "desk_state", _state)
    app.add_url_rule("/helpalert/sessions/<number>", "desk_session", _session)
    app.add_url_rule("/helpalert/sessions/<number>/diagnostics", "desk_tables", _diagnostics)
    app.add_url_rule("/helpalert/sessions/<number>/targets", "desk_targets", _targets)
    app.add_url_rule("/helpalert/sessions/<number>/channel", "desk_channel", _channel)


def _page() -> AnyResponse:
    try:
        member = dispatch.at_desk(world(), lambda call: call.member, access.connection())
    except Refused as refused:
        return _log_in_first(refused)
    return Response(
        render_template(
            "helpalert/desk.html",
            rep=member.rep,
            token=access.token(),
            sent_file_most=limits.SENT_FILE_MAX_BYTES,
            ticks=_ticks(),
        )
    )


def _log_in_first(refused: Refused) -> AnyResponse:
    """Send somebody without a connection to log in; others hear what is wrong."""
    if refused.fault not in (faults.CONNECTION_EXPIRED, faults.INVALID_CONNECTION):
        raise refused
    ended = refused.fault is faults.CONNECTION_EXPIRED
    to = url_for("desk_login", why="expired") if ended else url_for("desk_login")
    answer = redirect(to, 303)
    access.forget(answer, CONNECTION)
    return answer


def _state() -> Response:
    """Tell the whole desk; `also` names sessions that are over and still to be shown.

    `elsewhere`: somebody has logged in anew in another window, so the page that asks shows who
    sits here no more, and whatever it sends is refused.
    """
    asked = given().get("also", "").split(",")[:_ALSO_MOST]
    also = [session_id(one) for one in asked if one]

    def read(call: Any) -> Any:
        return told.desk(desk_view.view(call, also), desk_codes.codes(call))

    found = dispatch.at_desk(world(), read, access.connection())
    more = {"ticks": _ticks(), "elsewhere": access.is_of_another()}
    return jsonify(plain({**found, **more}))


def _session(number: str) -> Response:
    """Tell one session with its talk, from the line `from` on."""
    text = given().get("from", "0")
    start = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    own = _read(desk_view.look, number)
    return jsonify(plain({**told.session(own), "from": start, "talk": told.talk(own, start)}))


def _diagnostics(number: str) -> Response:
    tables = _read(desk_view.diagnostics, number)
    return jsonify(
        tables=[{"title": t.title, "columns": list(t.columns), "rows": t.rows} for t in tables]
    )


def _targets(number: str) -> Response:
    return jsonify(plain(told.targets(_read(desk_view.targets, number))))


def _channel(number: str) -> AnyResponse:
    """Give what the page needs for the session's channel. CHAN-1."""
    own = _read(desk_view.look, number)
    return channel_answer.of(own.session_id, Party.REP)


def _read(use_case: Callable[..., Any], number: str) -> Any:
    connection = access.connection()
    return dispatch.at_desk(world(), use_case, connection, session_id=session_id(number))


def _ticks() -> bool:
    """Tell whether the world's clock goes on by itself."""
    return bool(request.environ.get("broker_sim.ticks", True))
