"""What the peers answer: what the broker said, in the form that each of them wants."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from lxml import etree

from broker_sim.contract.sessions import SESSIONS

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[.+])")


def payload(answer: bytes) -> etree._Element:
    """Give the one element of the Body."""
    body = etree.fromstring(answer).find("{*}Body")
    assert body is not None
    return body[0]


def infoset(answer: bytes) -> Sequence[tuple[str, object]]:
    """Give names and values of an answer, in order; what changes with the time is left out."""
    return [_value(etree.QName(one).localname, one.text or "") for one in payload(answer).iter()]


def _value(name: str, text: str) -> tuple[str, object]:
    if name in {"url", "urlExpires"}:
        return name, None
    if _INSTANT.match(text):  # spyne writes them in another way
        return name, datetime.fromisoformat(text)
    return name, text


def as_objects(element: etree._Element) -> Any:
    """Give an element as npm's `soap` wants it: records and lists as objects, the rest as text."""
    if len(element) == 0:
        return element.text or ""
    names = [etree.QName(part).localname for part in element]
    if names[0][0].isupper() or names[0] == "long":  # the items of a list
        return {names[0]: [as_objects(part) for part in element]}
    return dict(zip(names, map(as_objects, element), strict=True))


def as_json(
    users: Sequence[str], password: str, sessions: Mapping[int, bytes], updates: bytes, ids: bytes
) -> str:
    """Write what the server of npm's `soap` answers with, out of answers of the broker."""
    told = {
        "path": SESSIONS.path,
        "users": dict.fromkeys(users, password),
        "sessions": {number: as_objects(payload(it)[0]) for number, it in sessions.items()},
        "updates": as_objects(payload(updates)[0])["Update"],
        "ids": as_objects(payload(ids)[0])["long"],
    }
    for update in told["updates"]:
        update["updateId"] = int(update["updateId"])
    return json.dumps(told)
