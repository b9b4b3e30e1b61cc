"""The rule of forms that were opened before somebody else changed what they show."""

from __future__ import annotations

from typing import Final

import pytest

from broker_sim.core.refusal import Refused
from broker_sim.core.staleness import mark, refuse_stale

SAID: Final = (
    "somebody has changed this since you opened the page: here it is as it stands now. Change it"
    " again and save; Back shows what you had typed"
)


def test_a_mark_is_another_one_for_another_thing() -> None:
    """SEC-2: and the same one in every process."""
    assert mark("a", ("b",)) == "4414345ef71b9393"
    assert len({mark(), mark("a"), mark("a", "b"), mark("ab"), mark(("a",)), mark(None)}) == 6


def test_a_change_of_what_was_seen_or_is_so_already_goes() -> None:
    """SEC-2: a program saw nothing, and is believed."""
    refuse_stale(None, ("now",), ("new",))
    refuse_stale(mark("now"), ("now",), ("new",))
    refuse_stale(mark("before"), ("now",), ("now",))


def test_a_change_of_what_was_not_seen_is_refused() -> None:
    """SEC-2: it would take back what somebody else has done."""
    with pytest.raises(Refused) as refusal:
        refuse_stale(mark("before"), ("now",), ("new",))
    assert refusal.value.fault.code == "InvalidArgument"
    assert refusal.value.extra == {"field": "", "reason": SAID}
