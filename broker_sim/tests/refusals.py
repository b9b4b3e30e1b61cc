"""What an act of the broker says when it says no."""

from collections.abc import Callable

from broker_sim.core.refusal import Refused


def refusal_of(act: Callable[[], object]) -> Refused | None:
    """Do `act`; give the refusal it ends in, or None if it is granted."""
    try:
        act()
    except Refused as refused:
        return refused
    return None


def code_of(act: Callable[[], object]) -> str | None:
    """Do `act`; give the code of the fault it ends in, or None if it is granted."""
    refused = refusal_of(act)
    return None if refused is None else refused.fault.code
