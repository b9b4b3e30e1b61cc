"""The bare course of a case: where it goes, who takes it, when what happens.

Everything else about a case (who asks, what is said) hangs on this and never changes it, so
that bulk rows need the course only. Offsets are whole milliseconds after the request's post.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from broker_sim.contract import limits
from broker_sim.core.record import Event
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.company import CompanyPlan, PortalPlan, RepPlan

# The stream of chance that sessions of the past, and those of live traffic, are drawn from.
PAST: Final = "past"
LIVE: Final = "live"
# The shortest talk of each, and what the longest has on top, in milliseconds; who watches
# live traffic is not made to wait.
_LENGTHS: Final = {PAST: (150_000, 4_200_000), LIVE: (60_000, 900_000)}

UNANSWERED_MS: Final = int(limits.UNANSWERED_AFTER.total_seconds() * 1000)
# The longest a course can take from its post to its last change, a late survey included.
LONGEST_MS: Final = 150 * 60_000

# Of a thousand cases, how many end in which error (SESS-2): 63, which is 6.3 %.
_ERRORS: Final = (
    (Event.DECLINED, 10),
    (Event.UNANSWERED, 13),
    (Event.ABANDONED, 20),
    (Event.FAILED, 20),
)
_ERRORS_OF_1000: Final = sum(share for _, share in _ERRORS)
# One survey in so many comes late.
_LATE: Final = 12


class Place(NamedTuple):
    """Where a case goes: to which desk, which rep of it, by which way."""

    portal: PortalPlan
    sub_portal: str
    rep: RepPlan
    mode: str


class Times(NamedTuple):
    """When what happens, in milliseconds after the post; None for what does not."""

    responded: int | None
    started: int | None
    ended: int
    survey: int | None
    recorded: int | None


class Course(NamedTuple):
    """Where, how it ends, when.

    Attributes:
        number: of the case; a transferred case keeps the number of its first leg.
        leg: 0 for a request as posted, 1 for what a transfer made of it.
        fate: the event that ends it: Ended, Declined, Unanswered, Abandoned, Failed, or
            Transferred for a first leg.
        belongs: the sub-portal whose people can help; a transfer goes there.
    """

    number: int
    leg: int
    place: Place
    fate: Event
    times: Times
    belongs: str


def alone(seed: int, stream: str, plan: CompanyPlan, number: int) -> Course:
    """Give a case that one rep sees through, or that comes to nothing."""
    draws = Draws(seed, f"{stream} course", number)
    place = _place(draws, plan)
    lot = draws.below(1000)
    for fate, share in _ERRORS if lot < _ERRORS_OF_1000 else ():
        lot -= share
        if lot < 0:
            # Only a finished session has a recording.
            times = _cut_short(draws, stream, fate)._replace(recorded=None)
            return Course(number, 0, place, fate, times, place.sub_portal)
    return Course(number, 0, place, Event.ENDED, _whole(draws, stream), place.sub_portal)


def first_leg(seed: int, stream: str, plan: CompanyPlan, number: int) -> Course:
    """Give a case that soon turns out to belong to another sub-portal."""
    draws = Draws(seed, f"{stream} course", number)
    place = _place(draws, plan)
    wait, consent, length = _hand_over(seed, stream, number)
    ended = wait + consent + length
    times = Times(wait, wait + consent, ended, None, _recorded(draws, ended))
    others = [sub for sub in place.portal.sub_portals if sub != place.sub_portal]
    belongs = draws.pick(others) if others else place.sub_portal
    return Course(number, 0, place, Event.TRANSFERRED, times, belongs)


def second_leg(seed: int, stream: str, plan: CompanyPlan, number: int) -> Course:
    """Give what becomes of the case `number` after its transfer."""
    first = first_leg(seed, stream, plan, number)
    draws = Draws(seed, f"{stream} second", number)
    reps = plan.desks[plan.desk_of[first.place.portal.name, first.belongs]][2]
    rep = draws.pick([rep for rep in reps if rep != first.place.rep] or reps)
    place = first.place._replace(sub_portal=first.belongs, rep=rep)
    return Course(number, 1, place, Event.ENDED, _whole(draws, stream), first.belongs)


def first_leg_ms(seed: int, stream: str, number: int) -> int:
    """Give how long a first leg takes from its post to its transfer: 32 to 108 seconds."""
    return sum(_hand_over(seed, stream, number))


def _hand_over(seed: int, stream: str, number: int) -> tuple[int, int, int]:
    draws = Draws(seed, f"{stream} handover", number)
    return (
        draws.between(2_000, 8_000),
        draws.between(5_000, 15_000),
        draws.between(25_000, 85_000),
    )


def _place(draws: Draws, plan: CompanyPlan) -> Place:
    portal, sub_portal, reps = draws.pick(plan.desks)
    by_phone = 85 if portal.portal_type == "SmartPin" else 12
    mode = "Phone" if draws.below(100) < by_phone else "Web"
    return Place(portal, sub_portal, draws.pick(reps), mode)


def _delays(draws: Draws, stream: str) -> tuple[int, int, int]:
    # Most are answered within seconds and done in ten minutes; a few take an hour.
    wait = 2_000 + int(110_000 * draws.rarely() * draws.unit())
    consent = 6_000 + int(60_000 * draws.rarely())
    shortest, more = _LENGTHS[stream]
    length = shortest + int(more * draws.rarely())
    return wait, consent, length


def _recorded(draws: Draws, ended: int) -> int:
    return ended + draws.between(4_000, 40_000)


def _whole(draws: Draws, stream: str) -> Times:
    wait, consent, length = _delays(draws, stream)
    ended = wait + consent + length
    recorded = _recorded(draws, ended)
    if draws.below(100) >= 62:
        return Times(wait, wait + consent, ended, None, recorded)
    low, high = (600_000, 2_700_000) if draws.once_in(_LATE) else (15_000, 240_000)
    survey = ended + draws.between(low, high)
    return Times(wait, wait + consent, ended, survey, recorded)


def _cut_short(draws: Draws, stream: str, fate: Event) -> Times:
    wait, consent, length = _delays(draws, stream)
    late = draws.once_in(2)
    if fate is Event.DECLINED:
        return Times(None, None, wait + 3_000, None, None)
    if fate is Event.UNANSWERED:
        return Times(None, None, UNANSWERED_MS, None, None)
    if fate is Event.ABANDONED and not late:
        return Times(None, None, draws.between(20_000, 480_000), None, None)
    if fate is Event.ABANDONED or not late:
        gone = wait + consent + draws.between(5_000, 120_000)
        return Times(wait, None, gone, None, None)
    ended = wait + consent + length // 3
    return Times(wait, wait + consent, ended, None, _recorded(draws, ended))
