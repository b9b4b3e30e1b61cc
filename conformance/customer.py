"""The customer's side of a target, by its pages' JSON: type a code, launch, agree, rate."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from conformance.caller import Outcome
from conformance.hands import Hands, verb
from conformance.target import LAUNCH_PATH

_HEADERS: Final = {
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
}
# What of a page's JSON says where a session stands.
_TOLD: Final = (
    "sessionId",
    "stage",
    "place",
    "representative",
    "subPortal",
    "missing",
    "lines",
    "sharesScreen",
    "mayRate",
    "whyEnded",
    "questions",
)


def page(
    hands: Hands,
    method: str,
    url: str,
    fields: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    charset: str = "utf-8",
) -> Outcome:
    """Ask a page; the outcome has its status, what it says of the session, and its links."""
    body = None if fields is None else urlencode(fields, encoding=charset).encode("ascii")
    answer = hands.target.http.send(method, url, {**_HEADERS, **(headers or {})}, body)
    hands.wire = (body or b"", answer.body)
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = {}
    told = {key: said[key] for key in _TOLD if key in said} if isinstance(said, dict) else {}
    links = said.get("links") if isinstance(said, dict) else None
    # The body's digest, for refusals that must look alike.
    digest = hashlib.sha256(answer.body).hexdigest()
    return {
        "status": answer.status,
        **told,
        "links": links if isinstance(links, dict) else {},
        "sha256": digest,
    }


@verb
def redeem(hands: Hands, /, *, portal: str, code: str, typed: str = "{0}{1}{2}") -> Outcome:
    """Type a code at a portal's page; `typed` says how its three groups of digits are."""
    written = typed.format(code[:3], code[3:6], code[6:])
    return page(hands, "POST", f"/ph/{quote(portal, safe='')}", {"Code": written})


@verb
def launch(
    hands: Hands,
    /,
    *,
    fields: Mapping[str, str],
    method: str = "POST",
    path: str = LAUNCH_PATH,
) -> Outcome:
    """Launch a request in one HTTP request, as a web site does."""
    if method == "GET":
        return page(hands, "GET", f"{path}?{urlencode(fields)}")
    return page(hands, method, path, fields)


@verb
def follow_link(
    hands: Hands, /, *, url: str, method: str = "POST", fields: Mapping[str, str] | None = None
) -> Outcome:
    """Do what one of a page's links does."""
    return page(hands, method, url, fields or {} if method == "POST" else None)
