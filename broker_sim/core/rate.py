"""How fast may a connection call?

A bucket holds `burst` tokens and gains `per_second` of them; a call takes one, and a call
that finds none is refused and takes nothing. The bucket is kept as the instant at which it
will be full again, so that nothing has to tick.

Source: RATE-1 (`broker_sim/contract/requirements.toml`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker_sim.contract import faults, limits
from broker_sim.core.refusal import Refused

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """The numbers of the rule.

    Attributes:
        per_second: calls that a connection may make in the long run; RATE_LEAST to RATE_MOST.
        burst: calls that it may make at once after a rest; 1 to RATE_MOST.
    """

    per_second: float = limits.RATE_PER_SECOND
    burst: int = limits.RATE_BURST

    def __post_init__(self) -> None:
        """Refuse numbers that no bucket has.

        Raises:
            ValueError: a rate of nothing, a burst of nobody, or more than a clock can count.
        """
        most, right = limits.RATE_MOST, limits.RATE_LEAST <= self.per_second <= limits.RATE_MOST
        if not (right and 1 <= self.burst <= most):
            msg = f"no rate: {self.per_second} a second, {self.burst} at once"
            raise ValueError(msg)

    @property
    def token(self) -> timedelta:
        """How long one token takes to come; at least a microsecond."""
        return max(_SECOND / self.per_second, timedelta(microseconds=1))


def take(full_at: datetime | None, rate: Rate, now: datetime) -> datetime:
    """Take a token at `now`.

    Args:
        full_at: when the bucket is full again; None for a new one, which is full.
        rate: how it fills.
        now: a clock that was set back behind what an empty bucket takes begins a new one.

    Returns:
        When the bucket is full again, with the token gone.

    Raises:
        Refused: RateLimited, with the seconds until a token has come, rounded up.
    """
    span = rate.burst * rate.token
    full = now if full_at is None or full_at > now + span else max(full_at, now)
    missing = full + rate.token - (now + span)
    if missing > timedelta(0):
        raise Refused(faults.RATE_LIMITED, retry_after_seconds=-(-missing // _SECOND))
    return full + rate.token
