"""A page: what it tells, as HTML for people and as JSON for scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import urlencode

from flask import Response, g, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.service.ports import World
from broker_sim.web import fields

JSON: Final = "application/json"
UNREAD: Final = "Unread-Fields"
_HTML: Final = "text/html"
# A name that is worth repeating: nothing that could be a value.
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")
_NAMES_MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Page:
    """What is to be answered.

    Attributes:
        template: of the HTML.
        told: the same for scripts; JSON's names.
        shown: what the template needs on top.
    """

    template: str
    told: Mapping[str, Any]
    shown: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200

    def answer(self) -> AnyResponse:
        """Write it as asked for."""
        if wants_json():
            answer = jsonify(plain(self.told))
        else:
            answer = Response(render_template(self.template, told=self.told, **self.shown))
        answer.status_code = self.status
        return answer


def go_on(to: str, page: Callable[[], Page]) -> AnyResponse:
    """Send a browser on to a path after an act; tell a script the page at once."""
    if wants_json():
        return page().answer()
    return redirect(to, 303)


def wants_json() -> bool:
    """Tell whether the caller would rather have JSON than HTML."""
    return request.accept_mimetypes.best_match([_HTML, JSON]) == JSON


def world() -> World:
    """Give the world that the request is for."""
    return cast("World", request.environ["broker_sim.world"])


def given() -> Mapping[str, str]:
    """Give the fields that the request carries, by lower-case name.

    Raises:
        ValueError: they cannot be read.
    """
    query = request.query_string.decode("latin-1")
    kind = request.headers.get("Content-Type", "")
    g.carried = carried = fields.read(query, request.get_data(), kind)
    return carried


def unread() -> str:
    """Give the names of the fields that nobody looked at, for the journal and for callers.

    Of very many, the first: a header field is no place for long lists.
    """
    found = g.get("carried")
    names = found.unread[:_NAMES_MOST] if isinstance(found, fields.Carried) else ()
    return ", ".join(dict.fromkeys(n if _NAME.fullmatch(n) else "[unreadable]" for n in names))


def client() -> str:
    """Give the customer's address."""
    return request.remote_addr or ""


def with_more(path: str, more: Mapping[str, str]) -> str:
    """Give a path with further fields in its query."""
    mark = "&" if "?" in path else "?"
    return f"{path}{mark}{urlencode(more)}" if more else path


def absolute(path: str) -> str:
    """Give the URL of a path of `url_for`, under the address that the world is known by."""
    return world().base_url() + path.removeprefix(request.script_root)


def plain(value: Any) -> Any:
    """Give a value as JSON shows it: instants in UTC with a Z, to the millisecond."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value
