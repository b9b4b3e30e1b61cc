"""Who sits at the desk, and whether a request comes from a page of ours. SEC-2.

The connection's id lives in a cookie that no script reads. What changes anything carries a
token besides, which only our pages know: signed over that id, or, for the log-in form, over a
cookie of its own.
"""

from __future__ import annotations

import base64
from typing import Final

from flask import request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from broker_sim.contract import faults
from broker_sim.core.refusal import Refused
from broker_sim.web.helpalert.cookies import CONNECTION, FORM, HEADER, Jar, signed
from broker_sim.web.pages import given, world
from broker_sim.web.transport import by_https

_FIELD: Final = "token"
_NONCE_BYTES: Final = 16
# The browser keeps the cookie over its own restart; the connection ends by itself long before.
_KEPT_SECONDS: Final = 12 * 60 * 60
_NOT_OURS: Final = "This form is too old, or not one of ours. Open the page again."
_OTHERS: Final = frozenset({"cross-site", "same-site"})


def jar() -> Jar:
    """Give the cookies of the world that the request is for."""
    return Jar(request.script_root, by_https(request.scheme, world().base_url()))


def connection() -> str:
    """Give the id of the connection.

    Raises:
        Refused: InvalidConnection; the browser has none.
    """
    found = _cookie(CONNECTION)
    if not found:
        raise Refused(faults.INVALID_CONNECTION)
    return found


def token() -> str:
    """Give the token for the forms and scripts of a page, for whoever is logged in."""
    return _signed(connection())


def check() -> None:
    """Let a request that changes something go on only if it comes from a page of ours.

    Raises:
        Forbidden: it does not.
        Refused: InvalidConnection; the browser has no connection.
    """
    sent = request.headers.get(HEADER) or (given().get(_FIELD, "") if _is_form() else "")
    _check(connection(), sent)


def is_of_another() -> bool:
    """Tell whether a page asks that is of another connection than the browser has by now."""
    sent = request.headers.get(HEADER, "")
    return bool(sent) and not world().vault.verify(signed(connection()), sent)


def nonce() -> str:
    """Give what the log-in form's token is made from; new where the browser has none."""
    kept = _cookie(FORM)
    if kept:
        return kept
    return base64.urlsafe_b64encode(world().entropy.take(_NONCE_BYTES)).decode().rstrip("=")


def login_token(kept: str) -> str:
    """Give the token of a log-in form."""
    return _signed(kept)


def is_ours(sent: str) -> bool:
    """Tell whether a log-in form was one of ours."""
    kept = _cookie(FORM)
    try:
        _check(kept, sent)
    except Forbidden:
        return False
    return bool(kept)


def keep(answer: Response, cookie: str, value: str) -> None:
    """Have the browser keep a cookie."""
    here = jar()
    answer.set_cookie(
        here.name(cookie),
        value,
        max_age=_KEPT_SECONDS,
        path=here.path,
        secure=here.secure,
        httponly=True,
        samesite="Lax",
    )


def forget(answer: Response, cookie: str) -> None:
    """Have the browser forget a cookie."""
    here = jar()
    answer.delete_cookie(
        here.name(cookie), path=here.path, secure=here.secure, httponly=True, samesite="Lax"
    )


def _cookie(cookie: str) -> str:
    return jar().find(request.headers.get("Cookie", ""), cookie)


def _signed(kept: str) -> str:
    return world().vault.sign(signed(kept))


def _check(kept: str, sent: str) -> None:
    if request.headers.get("Sec-Fetch-Site") in _OTHERS:
        raise Forbidden(_NOT_OURS)
    if not world().vault.verify(signed(kept), sent):
        raise Forbidden(_NOT_OURS)


def _is_form() -> bool:
    return request.mimetype == "application/x-www-form-urlencoded"
