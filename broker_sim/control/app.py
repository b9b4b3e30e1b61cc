"""The control API as a Flask application. It translates; `service.tester` does.

Every call carries `Authorization: Bearer TOKEN`. No product login opens this door.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound

from broker_sim.control.given import (
    flag,
    instant,
    number,
    object_of,
    read_json,
    text,
    texts,
    whole,
    within,
)
from broker_sim.core.refusal import Refused
from broker_sim.service import managers, sweeper
from broker_sim.service.ports import World
from broker_sim.service.storage import Portal
from broker_sim.service.tester import Tester

Describe = Callable[[], Mapping[str, Any]]
PATH: Final = "/_sim"
_MOST: Final = 1000
# What one call may ask for: a million sessions take about a minute.
_SESSIONS: Final = 1_000_000
_DAYS: Final = 3650


def create_app(tester: Tester, token: str, describe: Describe) -> Flask:
    """Build the control application.

    Args:
        tester: the hand on the world.
        token: the secret that opens the door.
        describe: tells the world with its URLs and logins.
    """
    app = Flask("broker_sim.control")

    @app.before_request
    def check_token() -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        right = hmac.compare_digest(given.encode(), token.encode())
        if scheme.lower() != "bearer" or not right:
            raise Unauthorised

    app.register_error_handler(Unauthorised, _unauthorised)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(ValueError, _wrong_value)
    _add_world(app, tester, describe)
    _add_clock(app, tester)
    _add_portals(app, tester.world, describe)
    _add_logins(app, tester.world, describe)
    _add_acts(app, tester)
    return app


class Unauthorised(Exception):  # noqa: N818  an answer, not our error
    """The call carries no token, or a wrong one."""


def _unauthorised(_: Unauthorised) -> tuple[Response, int]:
    said = "the control API takes 'Authorization: Bearer TOKEN'; `broker-sim env` shows the token"
    return jsonify(error=said), 401


def _http_problem(problem: HTTPException) -> tuple[Response, int]:
    return jsonify(error=problem.description), problem.code or 500


def _wrong_value(problem: ValueError) -> tuple[Response, int]:
    return jsonify(error=str(problem)), 400


def _refused(refused: Refused) -> tuple[Response, int]:
    extra = {field.wire: shown(refused.extra[field.name]) for field in refused.fault.extra}
    return jsonify(fault=refused.fault.code, message=refused.sentence, **extra), 409


def shown(value: Any) -> Any:
    """Give a value as JSON shows it: instants in UTC with a Z, to the millisecond."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {name: shown(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value]
    return value


def _answer(value: Mapping[str, Any]) -> Response:
    return jsonify(shown(value))


def _body() -> Mapping[str, Any]:
    return object_of(read_json(request.data))


def _add_world(app: Flask, tester: Tester, describe: Describe) -> None:
    @app.get(f"{PATH}/world")
    def world() -> Response:
        return _answer(describe())

    @app.post(f"{PATH}/reset")
    def reset() -> Response:
        given = _body()
        tester.reset(
            number(given, "seed"), number(given, "sessions", _SESSIONS), instant(given, "now")
        )
        return _answer(describe())

    @app.post(f"{PATH}/seed")
    def seed() -> Response:
        given = _body()
        sessions, days = number(given, "sessions", _SESSIONS), number(given, "days", _DAYS)
        if sessions is None:
            raise BadRequest("say how many sessions")
        if days == 0:
            raise BadRequest("a past has at least a day")
        portal = text(given, "portal", needed=False)
        return _answer({"sessions": tester.add_past(sessions, days or 90, portal)})

    @app.get(f"{PATH}/journal")
    def journal() -> Response:
        after = whole(request.args.get("after"), "after", 0)
        limit = min(whole(request.args.get("limit"), "limit", 100), _MOST)
        entries = tester.journal.after(after, limit)
        following = entries[-1]["number"] if entries else after
        return _answer({"entries": list(entries), "next": following})

    @app.post(f"{PATH}/sweep")
    def sweep() -> Response:
        return _answer({"purged": sweeper.sweep(tester.world)})


def _add_clock(app: Flask, tester: Tester) -> None:
    def tell() -> Response:
        return _answer({"mode": tester.clock.mode, "now": tester.clock.now()})

    @app.get(f"{PATH}/clock")
    def clock() -> Response:
        return tell()

    @app.put(f"{PATH}/clock")
    def set_clock() -> Response:
        given = _body()
        tester.set_clock(text(given, "mode"), instant(given, "now"))
        return tell()

    @app.post(f"{PATH}/clock/advance")
    def advance() -> Response:
        given = _body()
        to = instant(given, "to")
        if to is None:
            to = _later(tester.clock.now(), given)
        tester.advance(to)
        return tell()


def _later(now: datetime, given: Mapping[str, Any]) -> datetime:
    seconds = given.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise BadRequest("say 'seconds' (a number) or 'to' (an instant)")
    try:
        return within(now + timedelta(seconds=seconds))
    except OverflowError as problem:
        raise BadRequest("that many seconds are more than a calendar holds") from problem


def _portal(describe: Describe, name: str) -> Response:
    for portal in describe()["portals"]:
        if portal["name"] == name:
            return _answer(portal)
    raise NotFound(f"there is no portal {name!r}")


def _add_portals(app: Flask, world: World, describe: Describe) -> None:

    @app.post(f"{PATH}/portals")
    def add_portal() -> Response:
        given = _body()
        name = text(given, "name")
        hard = flag(given, "hardLockouts")
        subs = texts(given, "subPortals") or ("general",)
        portal = Portal(name, name, "made by a tester", "SmartBox", subs, bool(hard))
        managers.add_portal(world, portal, text(given, "username"), text(given, "password"))
        return _portal(describe, name)

    @app.get(f"{PATH}/portals/<name>")
    def portal(name: str) -> Response:
        return _portal(describe, name)

    @app.patch(f"{PATH}/portals/<name>")
    def change_portal(name: str) -> Response:
        hard = flag(_body(), "hardLockouts")
        if hard is not None:
            managers.set_hard_lockouts(world, name, on=hard)
        return _portal(describe, name)

    @app.put(f"{PATH}/portals/<name>/security-key")
    def set_key(name: str) -> Response:
        key = managers.set_security_key(world, name, text(_body(), "passphrase"))
        return _answer({"keyVersion": key.version})

    @app.delete(f"{PATH}/portals/<name>/security-key")
    def clear_key(name: str) -> Response:
        return _answer({"keyVersion": managers.set_security_key(world, name, None).version})


def _add_logins(app: Flask, world: World, describe: Describe) -> None:

    @app.post(f"{PATH}/logins")
    def add_login() -> Response:
        given = _body()
        portal = text(given, "portal")
        managers.add_login(world, portal, text(given, "username"), text(given, "password"))
        return _portal(describe, portal)

    @app.post(f"{PATH}/logins/<username>/unlock")
    def unlock(username: str) -> Response:
        managers.unlock(world, username)
        return _answer({"unlocked": username})


def _add_acts(app: Flask, tester: Tester) -> None:
    @app.post(f"{PATH}/acts")
    def act() -> Response:
        given = _body()
        session = tester.perform(text(given, "act"), given)
        return _answer({"sessionId": session.session_id, "updateId": session.last_update_id})
