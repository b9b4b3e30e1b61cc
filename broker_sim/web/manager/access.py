"""Who may see which page of the Management Center, and which of them are logged in.

Every page says whom it is for; one that does not is shut. A form is taken only from a page of
ours: by the seal that it carries, and by what the browser says of where it comes from.

Source: SEC-2.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core import management
from broker_sim.core.management import ROLE_NAMES, Power, Role
from broker_sim.service import manager_login
from broker_sim.service.manager_login import LoggedIn
from broker_sim.service.manager_storage import Manager
from broker_sim.web import shell
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import given, wants_json, world
from broker_sim.web.transport import by_https

View = TypeVar("View", bound=Callable[..., Any])

# Whom each page is for; None is anybody, logged in or not.
_FOR: Final[dict[Callable[..., Any], frozenset[Role] | None]] = {}
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SEAL_HEADER: Final = "X-CSRF-Token"
_NO_TOKEN_CHARACTER: Final = re.compile(r"[^A-Za-z0-9-]")
_MENU: Final = (
    ("dashboard", "Dashboard"),
    ("sessions", "Sessions"),
    ("reports", "Reports"),
    ("administration", "Administration"),
    ("audit", "Audit"),
)


def allowed(*roles: str) -> Callable[[View], View]:
    """Open a page to managers of these roles: "company", "api", "team", "representative"."""
    return _for(frozenset(map(Role, roles)))


def may(power: Power) -> Callable[[View], View]:
    """Open a page to managers whose role has this power."""
    return _for(management.holders(power))


def anybody(view: View) -> View:
    """Open a page to everybody, logged in or not."""
    _FOR[view] = None
    return view


def _for(roles: frozenset[Role]) -> Callable[[View], View]:
    def mark(view: View) -> View:
        _FOR[view] = roles
        return view

    return mark


def whom_for(endpoint: str) -> frozenset[Role] | None:
    """Give the roles that a page is for; None where it is for anybody.

    Raises:
        KeyError: it does not say, or there is no such page.
    """
    return _FOR[current_app.view_functions[endpoint]]


def guard(app: Flask) -> None:
    """Let nobody see more than is meant for them; of all areas the first."""
    app.config["MESSAGE"] = "manager/message.html"
    app.before_request(_admit)
    app.after_request(_harden)
    app.context_processor(_shown)


def manager() -> Manager:
    """Give the manager who is logged in.

    Raises:
        Unauthorized: nobody is.
    """
    return who().manager


def who() -> LoggedIn:
    """Give the login that the request came with.

    Raises:
        Unauthorized: it came with none.
    """
    found = known()
    if found is None:
        raise Unauthorized("Log in first.")
    return found


def known() -> LoggedIn | None:
    """Give the login that the request came with, if any; this is a use of it.

    A request that a page makes by itself is none: `Own-Accord: yes` says so.
    """
    if "login" not in g:
        held = request.cookies.get(cookie().name, "")
        use = request.headers.get("Own-Accord") != "yes"
        g.login = manager_login.admit(world(), held, noting=use) if held else None
    found: LoggedIn | None = g.login
    return found


def csrf() -> Markup:
    """Give the hidden field that every form carries."""
    return Markup('<input type="hidden" name="token" value="{}">').format(who().seal)


def is_allowed(endpoint: str) -> bool:
    """Tell whether there is such a page, and who is logged in may see it."""
    view = current_app.view_functions.get(endpoint)
    roles = _FOR.get(view) if view is not None else None
    found = known()
    return roles is not None and found is not None and found.manager.role in roles


def _admit() -> AnyResponse | None:
    """Turn away who may not see the page that is asked for."""
    shell.only("frame-ancestors", "'none'")
    if request.endpoint is None:
        return None  # there is no such page
    roles = _FOR.get(current_app.view_functions[request.endpoint], frozenset())
    if request.method not in _READS and not _comes_from_us():
        raise Forbidden("This form was not sent from a page of this broker.")
    if roles is None:
        return None
    found = known()
    if found is None:
        return _to_login()
    if found.manager.role not in roles:
        raise Forbidden("Your role does not allow this.")
    if request.method not in _READS and not _is_sealed(found):
        raise Forbidden("This form is not of your present login. Go back, load it anew, try again.")
    return None


def _harden(answer: Response) -> Response:
    """Say what is stricter here than on customers' pages.

    A browser tells where a form comes from only to pages whose policy lets it tell.
    """
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Frame-Options"] = "DENY"
    return answer


def _to_login() -> AnyResponse:
    if request.method != "GET" or wants_json() or request.headers.get("Own-Accord"):
        raise Unauthorized("You are not logged in, or not any more.")
    there = request.full_path.rstrip("?")
    return redirect(url_for("login", next=request.script_root + there), 303)


def _comes_from_us() -> bool:
    """Tell whether a browser sent it from a page of ours; who is no browser says nothing."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or _origin(origin) in {
        _origin(f"{request.scheme}://{request.host}"),
        _origin(world().base_url()),
    }


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url.lower())
    return parts.scheme, parts.netloc


def _is_sealed(found: LoggedIn) -> bool:
    sent = request.headers.get(_SEAL_HEADER) or given().get("token", "")
    return hmac.compare_digest(sent.encode(), found.seal.encode())


def _shown() -> dict[str, Any]:
    """Give what all templates may use."""
    found = known()
    return {
        "me": None if found is None else found.manager,
        "my_role": "" if found is None else ROLE_NAMES[found.manager.role],
        "seal": "" if found is None else found.seal,
        "menu": [(name, said) for name, said in _MENU if is_allowed(name)],
        "csrf": csrf,
        "is_allowed": is_allowed,
    }


@dataclass(frozen=True, slots=True)
class Cookie:
    """Where a browser keeps the login: one for each world of a host."""

    name: str
    path: str
    secure: bool


def cookie() -> Cookie:
    """Give the cookie of the request's world.

    Over https its name begins with `__Host-`, so that no other host of the domain can set it;
    such a cookie is for all paths, so the name tells the world.
    """
    root = request.script_root
    if by_https(request.scheme, world().base_url()):
        return Cookie("__Host-manager" + _NO_TOKEN_CHARACTER.sub("_", root), "/", secure=True)
    return Cookie("manager", root + ROOT, secure=False)


def keep(answer: AnyResponse, identifier: str) -> None:
    """Let the browser hold the id of a login, until it is closed."""
    where = cookie()
    answer.set_cookie(
        where.name,
        identifier,
        path=where.path,
        secure=where.secure,
        httponly=True,
        samesite="Lax",
    )


def forget(answer: AnyResponse) -> None:
    """Let the browser forget it."""
    where = cookie()
    answer.delete_cookie(
        where.name, path=where.path, secure=where.secure, httponly=True, samesite="Lax"
    )


def held() -> str:
    """Give the id that the browser holds, live or not."""
    return request.cookies.get(cookie().name, "")
