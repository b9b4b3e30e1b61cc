"""Brokers that count calls in a wrong way: RATE-1."""

import threading
from dataclasses import replace
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core.refusal import Refused
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_TAKE: Final = "broker_sim.core.rate.take"
_ADMIT: Final = "broker_sim.service.throttle.Throttle.admit"


class _Called(threading.local):
    """What this thread was called for."""

    operation = ""


_CALLED: Final = _Called()


@mutant("RATE-1", at=_TAKE)
def lets_one_call_more_in(take: Original) -> Original:
    """A burst has one call more than was said."""
    return lambda full_at, rate, now: take(full_at, replace(rate, burst=rate.burst + 1), now)


@mutant("RATE-1", at=_TAKE)
def lets_one_call_less_in(take: Original) -> Original:
    """A burst of several calls has one call less than was said."""
    return lambda full_at, rate, now: take(
        full_at, replace(rate, burst=max(1, rate.burst - 1)), now
    )


@mutant("RATE-1", at=_TAKE)
def refills_a_little_slowly(take: Original) -> Original:
    """A call comes due a hundredth later than the rate says."""
    return lambda full_at, rate, now: take(
        full_at, replace(rate, per_second=rate.per_second / 1.01), now
    )


@mutant("RATE-1", at=_TAKE)
def refills_a_little_fast(take: Original) -> Original:
    """A call comes due a hundredth earlier than the rate says."""
    return lambda full_at, rate, now: take(
        full_at, replace(rate, per_second=rate.per_second * 1.01), now
    )


@mutant("RATE-1", at=_TAKE)
def saves_up_without_end(take: Original) -> Original:
    """After a long rest a connection may make far more calls than a burst."""

    def hoard(full_at: Any, rate: Any, now: Any) -> Any:
        rested = full_at is not None and now - full_at > 9 * rate.token
        return full_at + rate.token if rested else take(full_at, rate, now)

    return hoard


@mutant("RATE-1", at=_TAKE)
def tells_to_come_back_too_early(take: Original) -> Original:
    """Says 0 seconds, whatever is missing."""

    def hasty(full_at: Any, rate: Any, now: Any) -> Any:
        try:
            return take(full_at, rate, now)
        except Refused:
            raise Refused(faults.RATE_LIMITED, retry_after_seconds=0) from None

    return hasty


@mutant("RATE-1", at=_ADMIT)
def has_one_bucket_for_all(admit: Original) -> Original:
    """What one connection calls is missing to all others."""
    return lambda throttle, _connection_id, now: admit(throttle, "all", now)


@mutant("RATE-1", at=_ADMIT)
def ends_the_connection_of_the_hasty(admit: Original) -> Original:
    """Who calls too fast is logged off."""

    def strict(throttle: Any, connection_id: str, now: Any) -> None:
        try:
            admit(throttle, connection_id, now)
        except Refused:
            raise Refused(faults.CONNECTION_EXPIRED) from None

    return strict


@mutant("RATE-1", at="broker_sim.soap.faults.FaultWriter.refusal")
def hides_when_to_come_back(refusal: Original) -> Original:
    """A refusal has no Retry-After."""

    def silent(writer: Any, refused: Refused, version: Any) -> Any:
        answer = refusal(writer, refused, version)
        kept = tuple(pair for pair in answer.headers if pair[0] != "Retry-After")
        return replace(answer, headers=kept)

    return silent


@mutant("RATE-1", at="broker_sim.soap.faults.FaultWriter.refusal")
def the_header_tells_milliseconds(refusal: Original) -> Original:
    """Retry-After is written in milliseconds; the detail is right."""

    def mistaken(writer: Any, refused: Refused, version: Any) -> Any:
        answer = refusal(writer, refused, version)
        told = dict(answer.headers)
        if "Retry-After" in told:
            told["Retry-After"] += "000"
        return replace(answer, headers=tuple(told.items()))

    return mistaken


def _noting_the_operation(answer: Original) -> Original:
    def noting(attempt: Any, tx: Any) -> Any:
        _CALLED.operation = attempt.handler.__name__
        return answer(attempt, tx)

    return noting


@mutant(
    "RATE-1",
    at=_ADMIT,
    with_=(Overlay("broker_sim.service.dispatch._Attempt.answer", _noting_the_operation),),
)
def each_operation_has_a_bucket(admit: Original) -> Original:
    """A connection may call each operation as often as the rate says."""
    return lambda throttle, connection_id, now: admit(
        throttle, f"{connection_id} {_CALLED.operation}", now
    )
