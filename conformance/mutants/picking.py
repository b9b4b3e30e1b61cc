"""Brokers that are wrong about who was picked at a SmartMatch: PORTAL-6."""

from datetime import datetime, timedelta
from typing import Any, Final

from conformance.mutants.registry import Original, mutant

_OPEN_TO: Final = "broker_sim.core.routing.open_to"
_ALONE_UNTIL: Final = "broker_sim.core.routing.alone_until"


@mutant("PORTAL-6", at=_OPEN_TO)
def who_was_picked_is_one_of_all(_open_to: Original) -> Original:
    """Whoever serves the sub-portal hears of it at once."""
    return lambda _waiting, serving, _alerts, _now: serving


@mutant("PORTAL-6", at=_OPEN_TO)
def a_picked_request_is_never_given_up(open_to: Original) -> Original:
    """Who was picked has it alone for as long as it waits, declined or not."""

    def forever(waiting: Any, serving: Any, _alerts: Any, _now: datetime) -> Any:
        return open_to(waiting, serving, (), waiting.posted)

    return forever


@mutant("PORTAL-6", at=_ALONE_UNTIL)
def who_was_picked_has_ten_seconds(alone_until: Original) -> Original:
    """The request is everybody's before the minute is over."""

    def sooner(waiting: Any) -> datetime | None:
        end: datetime | None = alone_until(waiting)
        return end and end - timedelta(seconds=50)

    return sooner


@mutant("PORTAL-6", at="broker_sim.service.picking.pick")
def anybody_can_be_picked(pick: Original) -> Original:
    """Who cannot be picked is passed over, and the request is everybody's."""

    def lenient(offered: Any, said: str, sub_portal: str | None) -> Any:
        known = [one for one in offered if one.is_meant(said)]
        return pick(known, said, sub_portal) if known else ("", sub_portal)

    return lenient
