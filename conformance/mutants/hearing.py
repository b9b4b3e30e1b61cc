"""Brokers whose desktops hear too much or too little of what others do: AGENT-1."""

from datetime import datetime
from typing import Any, Final

from broker_sim.core import record
from conformance.mutants.registry import Original, mutant

_CORE: Final = "broker_sim.core"
_ALERTS: Final = "broker_sim.service.alerts"
_Session = record.Session


@mutant("AGENT-1", at=f"{_CORE}.routing.to_be_alerted")
def what_was_declined_comes_again(to_be_alerted: Original) -> Original:
    """Who becomes available is alerted anew to a request that it has declined."""

    def forgetful(serving: Any, alerts: Any, now: datetime) -> Any:
        return to_be_alerted(serving, [one for one in alerts if not one.declined], now)

    return forgetful


@mutant("AGENT-1", at=f"{_ALERTS}._gone")
def only_an_acceptance_clears_the_other_desks(gone: Original) -> Original:
    """A request that its customer left, or that nobody took, stays on the desks."""

    def some(tx: Any, session: Any, why: str, now: datetime) -> None:
        if why == record.Event.ACCEPTED:
            gone(tx, session, why, now)

    return some


@mutant("AGENT-1", at=f"{_ALERTS}.followed")
def a_failure_is_not_told(followed: Original) -> Original:
    """The representative does not hear that the connection to its customer has failed."""

    def silent(tx: Any, before: Any, after: Any) -> None:
        if after.events[-1].kind is not record.Event.FAILED:
            followed(tx, before, after)

    return silent
