"""Brokers whose phone codes are wrong: PHONE-1 to PHONE-6."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core import phonecode, session
from broker_sim.core.lockout import Policy
from broker_sim.core.record import Change
from broker_sim.core.refusal import Refused
from conformance.mutants.registry import Original, mutant

_CORE: Final = "broker_sim.core.phonecode"
_SERVICE: Final = "broker_sim.service.phonemode"
_REDEEMING: Final = "broker_sim.service.redeeming"
_ROWS: Final = "broker_sim.adapters.sql_codes.CodeRows"


@mutant("PHONE-1", at=f"{_CORE}.drawn")
def codes_count_up(_drawn: Original) -> Original:
    """Each code is the one before and a bit."""
    numbers: Iterator[int] = itertools.count(100_000_007, 7919)
    return lambda _chance: str(next(numbers))


@mutant("PHONE-1", at=f"{_CORE}.drawn")
def codes_have_eight_digits(drawn: Original) -> Original:
    """A code is a digit short."""
    return lambda chance: drawn(chance)[1:]


@mutant("PHONE-1", at=f"{_CORE}.drawn")
def codes_hold_three_digits_of_chance(drawn: Original) -> Original:
    """All codes begin alike."""
    return lambda chance: f"555000{drawn(chance)[-3:]}"


@mutant("PHONE-1", at=f"{_CORE}.expires_at")
def codes_live_a_day(_expires_at: Original) -> Original:
    """A code lives for a day."""
    return lambda created, _lives: created + timedelta(days=1)


@mutant("PHONE-2", at=f"{_CORE}.refuse_more")
def the_ninth_code_is_given(refuse_more: Original) -> Original:
    """`>` where `>=` is meant."""
    return lambda active, limit: refuse_more(active - 1, limit)


@mutant("PHONE-2", at=f"{_CORE}.refuse_more")
def the_eighth_code_is_refused(refuse_more: Original) -> Original:
    """One code less than promised."""
    return lambda active, limit: refuse_more(active + 1, limit)


@mutant("PHONE-2", at=f"{_ROWS}.count_codes")
def expired_codes_count(count: Original) -> Original:
    """A code counts for an hour more than it lives."""
    return lambda tx, email, now: count(tx, email, now - timedelta(hours=1))


@mutant("PHONE-3", at=f"{_ROWS}.end_code")
def codes_work_twice(_end_code: Original) -> Original:
    """Nobody notes that a code was used."""
    return lambda _tx, _code, _now: True


def _typed_earlier(used_up: Original, earlier: timedelta) -> Original:
    """Take a code as if it had been typed a while ago."""
    return lambda tx, typed, portal, guesser, now: used_up(
        tx, typed, portal, guesser, now - earlier
    )


@mutant("PHONE-3", at=f"{_REDEEMING}._used_up")
def codes_work_at_their_expiry(used_up: Original) -> Original:
    """`<=` where `<` is meant."""
    return _typed_earlier(used_up, timedelta(milliseconds=1))


@mutant("PHONE-3", at=f"{_REDEEMING}._used_up")
def codes_have_a_minute_of_grace(used_up: Original) -> Original:
    """A code works a minute longer than it says."""
    return _typed_earlier(used_up, timedelta(minutes=1))


@mutant("PHONE-3", at=f"{_CORE}.as_typed")
def blanks_and_dashes_matter(_as_typed: Original) -> Original:
    """A code must be typed without blanks and dashes."""
    return lambda text: text if text.isdecimal() and len(text) == 9 else None


@mutant("PHONE-4", at=f"{_REDEEMING}._begin")
def the_reference_is_lost(begin: Original) -> Original:
    """The ticket's number does not come into the record."""
    return lambda tx, code, *more: begin(tx, replace(code, reference_id=None), *more)


@mutant("PHONE-4", at="broker_sim.core.session.post")
def phone_sessions_are_of_the_web(post: Original) -> Original:
    """A session by code has mode Web."""
    return lambda *given, **named: post(*given, **{**named, "mode": "Web"})


@mutant("PHONE-5", at=f"{_SERVICE}.cancel_codes")
def cancelling_all_leaves_one(_cancel: Original) -> Original:
    """The last code stays."""

    def but_one(call: Any, representative: str) -> int:
        email = representative.lower()
        codes = call.tx.active_codes(call.portal, call.now, email)
        for code in codes[:-1]:
            call.tx.end_code(code.code, call.now)
        return len(codes)

    return but_one


@mutant("PHONE-5", at=f"{_SERVICE}.cancel_codes")
def cancelling_all_counts_one_less(cancel: Original) -> Original:
    """The number that is told is one too small."""
    return lambda call, representative: max(0, cancel(call, representative) - 1)


@mutant("PHONE-5", at=f"{_SERVICE}.cancel_code")
def cancelling_one_cancels_all(cancel: Original) -> Original:
    """With one code all others of its representative go."""

    def thorough(call: Any, code: str) -> None:
        found = call.tx.code(phonecode.as_typed(code) or "")
        cancel(call, code)
        if found is not None:
            call.tx.end_codes(found.representative, call.now)

    return thorough


@mutant("PHONE-5", at=f"{_SERVICE}.cancel_code")
def cancelled_codes_can_be_cancelled_again(_cancel: Original) -> Original:
    """Cancelling what is over, or never was, is no error."""

    def lenient(call: Any, code: str) -> None:
        call.tx.end_code(phonecode.as_typed(code) or "", call.now)

    return lenient


@mutant("PHONE-6", at=f"{_REDEEMING}._used_up")
def used_codes_are_told_apart(used_up: Original) -> Original:
    """Who types a code that once worked is told so."""

    def telling(tx: Any, typed: str, portal: Any, guesser: str, now: datetime) -> Any:
        known = tx.code(phonecode.as_typed(typed) or "")
        if known is not None and not phonecode.is_active(known, now):
            raise Refused(faults.RATE_LIMITED, retry_after_seconds=1)
        return used_up(tx, typed, portal, guesser, now)

    return telling


@mutant("PHONE-6", at=f"{_CORE}.GUESSING")
def guessing_is_free(_policy: Any) -> Any:
    """Nobody has to wait, however many wrong codes come."""
    return Policy(soft_after=1_000_000)


@mutant("PHONE-6", at=f"{_REDEEMING}._found")
def codes_of_other_portals_work(found: Original) -> Original:
    """A code works at every portal's page."""
    return lambda tx, typed, _portal, now: found(tx, typed, None, now)


@mutant("PHONE-1", at=f"{_SERVICE}.get_codes")
def the_codes_of_one_are_those_of_all(get_codes: Original) -> Original:
    """Whose codes are asked for does not matter."""
    return lambda call, representative=None: get_codes(call)  # noqa: ARG005  # named as it is called


@mutant("PHONE-1", at=f"{_SERVICE}.get_codes")
def the_newest_code_comes_first(get_codes: Original) -> Original:
    """Codes are listed as on a screen, the next end last."""
    return lambda call, representative=None: get_codes(call, representative)[::-1]


def _redeemed(change: Callable[[Any, Any], Any]) -> Callable[[Original], Original]:
    """Redeem another code than the one that was made; `change` gets the transaction, too."""

    def wrap(begin: Original) -> Original:
        return lambda tx, code, *more: begin(tx, change(tx, code), *more)

    return wrap


@mutant("PHONE-4", at=f"{_REDEEMING}._begin")
def references_are_cut_to_their_column(begin: Original) -> Original:
    """A ticket's number is cut to 64 letters on its way into the record."""

    def cut(_tx: Any, code: Any) -> Any:
        return replace(code, reference_id=code.reference_id and code.reference_id[:64])

    return _redeemed(cut)(begin)


@mutant("PHONE-4", at=f"{_REDEEMING}._begin")
def references_are_of_ascii(begin: Original) -> Original:
    """Letters beyond ASCII become question marks in a ticket's number."""

    def plain(_tx: Any, code: Any) -> Any:
        text = (code.reference_id or "").encode("ascii", "replace").decode("ascii")
        return replace(code, reference_id=text or None)

    return _redeemed(plain)(begin)


@mutant("PHONE-4", at=f"{_REDEEMING}._begin")
def no_reference_is_an_empty_one(begin: Original) -> Original:
    """A code without a ticket gives its session an empty number."""
    return _redeemed(lambda _tx, code: replace(code, reference_id=code.reference_id or ""))(begin)


@mutant("PHONE-4", at=f"{_REDEEMING}._begin")
def callers_stand_in_the_first_sub_portal(begin: Original) -> Original:
    """A session by code stands in the portal's first sub-portal, whoever made the code."""

    def first(tx: Any, code: Any) -> Any:
        return replace(code, sub_portal=tx.portal(code.portal).sub_portals[0])

    return _redeemed(first)(begin)


@mutant("PHONE-4", at="broker_sim.core.session.accept")
def who_types_a_code_has_agreed(accept: Original) -> Original:
    """A session by code starts at once: its customer is not asked."""

    def begun(one: Any, rep: Any, now: datetime) -> Any:
        accepted = accept(one, rep, now)
        return session.start(accepted, now) if one.mode == "Phone" else accepted

    return begun


@mutant("PHONE-5", at=f"{_SERVICE}.cancel_code")
def codes_are_cancelled_as_they_are_stored(cancel_code: Original) -> Original:
    """A code that is written with blanks or dashes cannot be cancelled."""

    def strict(call: Any, code: str) -> None:
        if not code.isdecimal():
            raise Refused(faults.NO_SUCH_CODE)
        cancel_code(call, code)

    return strict


@mutant("PHONE-5", at=f"{_SERVICE}.cancel_code")
def expired_codes_can_be_cancelled(cancel_code: Original) -> Original:
    """Nobody looks at the time of a code that is cancelled."""

    def late(call: Any, code: str) -> None:
        typed = phonecode.as_typed(code)
        found = None if typed is None else call.tx.code(typed)
        if found is None or found.ended is not None or found.portal != call.portal:
            cancel_code(call, code)

    return late


@mutant("PHONE-5", at=f"{_SERVICE}.cancel_code")
def codes_of_other_portals_can_be_cancelled(_cancel_code: Original) -> Original:
    """Whose portal a code is of is not looked at."""

    def any_of_them(call: Any, code: str) -> None:
        typed = phonecode.as_typed(code)
        found = None if typed is None else call.tx.code(typed)
        call.tx.end_code(phonecode.refuse_dead(found, call.now).code, call.now)

    return any_of_them


@mutant("UPD-2", at="broker_sim.adapters.sql_sessions.SessionRows.put")
def sessions_by_phone_are_not_posted(put: Original) -> Original:
    """A session that begins with a code comes into the log with its acceptance."""

    def unposted(tx: Any, held: Any, changes: Sequence[Change], now: datetime) -> Any:
        by_phone = held.session.mode == "Phone"
        left = [change for change in changes if not (by_phone and change is Change.POSTED)]
        return put(tx, held, left, now)

    return unposted
