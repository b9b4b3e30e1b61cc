"""What a world was asked and what it answered: read, searched, held against wishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import request
from werkzeug.exceptions import BadRequest

from broker_sim.control.exchanges import (
    ARCHIVE_ASKS,
    CLEARED,
    PAGE,
    PAGE_ASKS,
    VERDICT,
    VERIFICATION,
)
from broker_sim.control.given import instant, number, whole
from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import ANYTHING, by_name
from broker_sim.service.expectations import Expectation, Order
from broker_sim.service.journaling import Judgement
from broker_sim.service.wanted import CONDITIONS, Wanted, known

_MOST: Final = 1000
_PLACE: Final = frozenset({"after", "last", "limit", "since"})
_OURS: Final = {"atLeast": "at_least", "atMost": "at_most", "notWithin": "not_within"}
_ORDER: Final = frozenset({"steps", "within", "not_within"})
_NAMES: Final = CONDITIONS | {*_OURS, "exactly", "following", "within", "steps", "after", "since"}


def add(routes: Routes) -> None:
    """Register the routes of the journal."""

    @routes.get("/journal", asks=PAGE_ASKS, gives=PAGE, checks=False)
    def journal(hand: Hand) -> Told:
        """Read the last exchanges behind a number that meet all conditions, oldest first."""
        return _page(hand)

    @routes.delete("/journal", gives=CLEARED)
    def clear(hand: Hand) -> Told:
        """Forget all exchanges; the numbers go on."""
        hand.tester.journal.clear()
        return {"next": hand.tester.journal.last}

    @routes.get("/journal.har", asks=ARCHIVE_ASKS, gives=by_name(ANYTHING))
    def archive(hand: Hand) -> Told:
        """Give the exchanges as an HTTP archive, HAR 1.2."""
        after = whole(request.args.get("after"), "after", 0)
        return hand.tester.journal.har(str(hand.outline()["url"]), after)

    @routes.post("/journal/verify", takes=VERIFICATION, gives=VERDICT, checks=False)
    def verify(hand: Hand) -> Told:
        """Hold the exchanges against an expectation, or against an order of them."""
        said = {_ours(name): value for name, value in body().items()}
        after, since = number(said, "after") or 0, instant(said, "since")
        asked = {name: value for name, value in said.items() if name not in _PLACE}
        return _judged(hand.tester.journal.judge(_wanted(asked), after, since))


def _ours(name: str) -> str:
    """Turn a name of the body's into Python's.

    Raises:
        ValueError: a body has none such.
    """
    known(name, _NAMES, "condition")
    return _OURS.get(name, name)


def _page(hand: Hand) -> Told:
    """Give a page of the journal, and behind which number the next one begins."""
    after = whole(request.args.get("after"), "after", 0)
    limit = min(whole(request.args.get("limit"), "limit", 100), _MOST)
    since = instant(request.args, "since")
    wanted = Wanted.of({name: value for name, value in request.args.items() if name not in _PLACE})
    kept = hand.tester.journal.seen(after)
    found = [
        seen for seen in kept if (since is None or seen.time >= since) and wanted.matches(seen)
    ]
    last = whole(request.args.get("last"), "last", len(found))
    found = found[max(0, len(found) - last) :]
    if len(found) > limit:
        following = found[limit - 1].number if limit else after
    else:
        following = kept[-1].number if kept else after
    return {"entries": [seen.told() for seen in found[:limit]], "next": following}


def _wanted(asked: Mapping[str, Any]) -> Expectation | Order:
    if "steps" not in asked:
        return Expectation.of(asked)
    other = sorted(asked.keys() - _ORDER)
    if other:
        msg = f"an order has 'steps', 'within' and 'notWithin', and no {other[0]!r}"
        raise BadRequest(msg)
    if not isinstance(asked["steps"], list):
        raise BadRequest("'steps' must be a list of operations or objects")
    return Order.of(asked["steps"], asked.get("within"), asked.get("not_within"))


def _judged(judgement: Judgement) -> Told:
    verdict = judgement.verdict
    return {
        "held": judgement.held,
        "problem": verdict.problem,
        "report": judgement.report,
        "found": [seen.number for seen in verdict.found],
        "nearMisses": [miss.told() for miss in verdict.misses],
    }
