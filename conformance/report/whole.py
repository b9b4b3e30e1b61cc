"""All that was expected and received where a rule broke: what the short lines leave out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Final

from conformance.bench import RIGHT, WRONG
from conformance.history import Break, veiled
from conformance.patterns import CUT, told

# A page of a thousand sessions has more; it stands in the history that `replay` reads.
MOST: Final = 20_000


def bounded(text: str, most: int = MOST) -> str:
    """Give a text; of a longer one its beginning, and how much is left out."""
    if len(text) <= most:
        return text
    return f"{text[:most]}\n[{len(text) - most:,} characters more are left out here]"


def whole(broken: Break) -> Mapping[str, str]:
    """Give `expected` and `received` at length, those that the short lines cut; bounded.

    Secrets are struck out. What was seen in passing has no outcome of its own, and nothing here.
    """
    if not broken.allowed or not broken.history.steps:
        return {}
    outcome = broken.history.steps[-1].outcome
    at_length = {
        "expected": " or ".join(told(option, sys.maxsize) for option in broken.allowed),
        "received": told(veiled(outcome), sys.maxsize),
    }
    short = {"expected": broken.expected, "received": broken.received}
    return {
        name: bounded(struck(text, broken))
        for name, text in at_length.items()
        if CUT in short[name]
    }


def struck(text: str, broken: Break) -> str:
    """Strike passwords and ids of connections out of a text."""
    lent = (text for name, text in broken.history.names.items() if name.startswith("password"))
    for secret in (RIGHT, WRONG, *lent, *_connections(broken)):
        text = text.replace(secret, "***")
    return text


def _connections(broken: Break) -> Iterator[str]:
    for step in broken.history.steps:
        given = step.outcome.get("gives")
        logon = step.verb == "call" and step.arguments.get("name") == "logon"
        if logon and given and isinstance(given, str):
            yield given
