"""The shapes of what the journal's routes take, ask and give."""

from __future__ import annotations

from typing import Final

from broker_sim.control.shapes import (
    ANY_TEXT,
    ANYTHING,
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    Shape,
    by_name,
    given,
    listed,
    or_null,
    taken,
    whole,
)

_PLACES: Final = {"after": whole(), "since": INSTANT}
_TEXTS: Final = dict.fromkeys(
    ("operation", "door", "method", "login", "connection", "status", "fault", "provoked"), TEXT
)
_STATUS: Final[Shape] = {"anyOf": [TEXT, whole(0, 999)]}
_CONDITIONS: Final = {**_TEXTS, "status": _STATUS, "arguments": by_name(ANYTHING)}
_SPANS: Final = {"within": NUMBER, "notWithin": NUMBER}
_KIND: Final = taken("Exchanges", {}, **_CONDITIONS)
_STEP: Final[Shape] = {"anyOf": [TEXT, _KIND]}
VERIFICATION: Final = taken(
    "Verification",
    {},
    **_CONDITIONS,
    **dict.fromkeys(("exactly", "atLeast", "atMost"), whole()),
    following=_STEP,
    steps=listed(_STEP),
    **_SPANS,
    **_PLACES,
)
_ENTRY: Final = given(
    "Exchange",
    number=whole(1),
    time=INSTANT,
    **dict.fromkeys(("door", "method", "path", "query", "client", "request", "response"), ANY_TEXT),
    **dict.fromkeys(
        ("operation", "asked", "fault", "refusal", "login", "connection"), or_null(ANY_TEXT)
    ),
    status=whole(0, 999),
    seconds=NUMBER,
    arguments=by_name(ANYTHING),
    **dict.fromkeys(("provoked", "ignored"), listed(TEXT)),
    **dict.fromkeys(("headers", "answered"), by_name(ANY_TEXT)),
    **dict.fromkeys(("requestBytes", "responseBytes"), whole()),
)
_MISS: Final = given(
    "NearMiss",
    number=whole(1),
    line=TEXT,
    refusal=or_null(TEXT),
    differences=listed(given("Difference", field=TEXT, wanted=ANY_TEXT, given=ANY_TEXT)),
)
VERDICT: Final = given(
    "Verdict",
    held=FLAG,
    problem=or_null(TEXT),
    report=ANY_TEXT,
    found=listed(whole(1)),
    nearMisses=listed(_MISS),
)
CLEARED: Final = given("ClearedJournal", next=whole())
PAGE: Final = given("Journal", entries=listed(_ENTRY), next=whole())
PAGE_ASKS: Final = {**_PLACES, "last": whole(), "limit": whole(), **_TEXTS}
ARCHIVE_ASKS: Final = {"after": whole()}
