"""Who hears of a request, and who may have it?

A request stands in one sub-portal. The representatives of that sub-portal who take requests are
alerted, whoever starts to take requests later is alerted then. The first to accept has it. A rep
who declines does not see it any more; when all who take requests there have declined, the request
ends as declined.

At a SmartMatch the customer picks one of those who take requests. The request is that rep's alone
for a minute, or until the rep declines it; from then on it is the sub-portal's like any other.

Source: PORTAL-3, PORTAL-6, SESS-2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from broker_sim.contract import faults, limits
from broker_sim.core import staff
from broker_sim.core.record import Session
from broker_sim.core.refusal import Refused
from broker_sim.core.staff import Presence


@dataclass(frozen=True, slots=True)
class Alert:
    """That a rep was told of a request, and whether it has declined."""

    representative: str
    declined: bool = False


def picked(waiting: Session) -> str | None:
    """Give the address of the rep whom the customer picked; None where nobody was."""
    return waiting.events[0].detail or None


def alone_until(waiting: Session) -> datetime | None:
    """Tell when a request that was posted for one rep is everybody's; None where it was not."""
    return None if picked(waiting) is None else waiting.posted + limits.PICKED_ALONE


def open_to(
    waiting: Session, serving: Mapping[str, Presence], alerts: Iterable[Alert], now: datetime
) -> Mapping[str, Presence]:
    """Give who of those that serve its sub-portal may have a request now.

    It is the picked rep's alone during [posted, posted + 60 s), the end left out, unless that
    rep has declined.
    """
    one, end = picked(waiting), alone_until(waiting)
    if one is None or end is None or now >= end or Alert(one, declined=True) in alerts:
        return serving
    return {email: presence for email, presence in serving.items() if email == one}


def to_be_alerted(
    serving: Mapping[str, Presence], alerts: Iterable[Alert], now: datetime
) -> tuple[str, ...]:
    """Give who is to hear of a request that waits, in order of their addresses.

    Args:
        serving: the reps of its sub-portal, by e-mail address.
        alerts: who has heard of it already.
        now: the instant.
    """
    told = {alert.representative for alert in alerts}
    return tuple(
        email
        for email in sorted(serving)
        if email not in told and staff.takes_requests(serving[email], now)
    )


def may_accept(
    representative: str,
    serving: Mapping[str, Presence],
    alerts: Iterable[Alert],
    now: datetime,
) -> None:
    """Accept that a rep takes a waiting request.

    Raises:
        Refused: NotAvailable; it does not serve the sub-portal, or takes no requests.
            OutOfTurn; it has declined this one.
    """
    presence = serving.get(representative)
    if presence is None or not staff.takes_requests(presence, now):
        raise Refused(faults.NOT_AVAILABLE)
    if Alert(representative, declined=True) in alerts:
        raise Refused(faults.OUT_OF_TURN)


def declined_by_all(
    serving: Mapping[str, Presence], alerts: Iterable[Alert], now: datetime
) -> bool:
    """Tell whether all who take requests in the sub-portal have declined this one."""
    declined = {alert.representative for alert in alerts if alert.declined}
    return all(
        email in declined
        for email, presence in serving.items()
        if staff.takes_requests(presence, now)
    )
