"""The simulator's page: the control API for people. It stands on the control listener only.

The page is the same for everybody and knows no secret. What it shows and does goes through the
calls of the API, with the token, which a person types once or brings behind the `#` of the
address: a browser sends that part to nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from broker_sim.contract import ENDPOINTS, faults
from broker_sim.control.routes import PATH as CONTROL
from broker_sim.core import effects, hostility, magic
from broker_sim.service.exchange import Answer, Handler, Reply, Request

PATH: Final = f"{CONTROL}/"
_STATIC: Final = re.compile(r"static\(([^)]+)\)")
_WORDS: Final = "{{ words }}"
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS: Final = (
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
)


def handler(address: Callable[[str], str]) -> Handler:
    """Give the handler of the page.

    Args:
        address: gives the path of a style sheet or script by its name.
    """

    @cache  # a broker that nobody looks at starts without it
    def page() -> bytes:
        text = resources.files("broker_sim.control").joinpath("simulator.html").read_text("utf-8")
        text = _STATIC.sub(lambda found: address(found[1]), text)
        return text.replace(_WORDS, _data(words())).encode()

    def handle(request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            said = (("content-type", "text/plain; charset=utf-8"), ("allow", "GET, HEAD"))
            return Answer(405, said, b"Read this page with GET.\n")
        return Answer(200, _HEADERS, page())

    return handle


def at_root(_request: Request) -> Reply:
    """Send whoever opens the control listener's root to the page."""
    return Answer(302, (("location", PATH), ("cache-control", "no-store")))


def words() -> Mapping[str, Any]:
    """Give what the page offers to choose from: the contract's names, and what they do."""
    return {
        "operations": [
            f"{endpoint.name}.{operation.name}"
            for endpoint in ENDPOINTS
            for operation in endpoint.operations
        ],
        "faults": sorted(faults.BY_CODE),
        "statuses": list(effects.STATUSES),
        "provocations": [
            {"name": one.name, "does": one.does, "finds": one.finds, "where": where}
            for where, group in (
                ("answer", hostility.IN_ANSWERS),
                ("world", hostility.IN_THE_WORLD),
            )
            for one in group
        ],
        "magic": {
            "domain": magic.DOMAIN,
            "spells": [
                {"name": name, "example": example, "does": does}
                for name, example, does in magic.SPELLS
            ],
            "codes": [{"name": name, "does": does} for name, does in magic.CODES],
            "outcomes": [f"#{word}" for word in magic.OUTCOMES],
        },
    }


def _data(value: Mapping[str, Any]) -> str:
    """Write JSON that may stand in a script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
