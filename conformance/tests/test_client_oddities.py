"""Clients that are odd, and right: the suite is no stricter than the contract."""

import sys
import threading
from typing import Final

import pytest

from conformance.client.adapter import PLAIN, read
from conformance.client.pacing import Pace
from conformance.client.place import Place
from conformance.client.runner import doors, try_one
from conformance.mutants.clients import naive
from conformance.tests.test_client_failures import case_named

# Its answer is long since known when it tells it: the suite has mended the broker meanwhile.
_LATE: Final = """
import sys, threading
from conformance.client.wrong.__main__ import main
code = main(sys.argv[1:])
if code:
    threading.Event().wait(17)
sys.exit(code)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["giving_up_is_no_success", "an_unread_list_is_no_empty_one"])
def test_who_gives_up_late_is_started_again(name: str) -> None:
    """C-NET-2: a run that failed after the mend was taken for the second one."""
    late = read(PLAIN, (sys.executable, "-c", _LATE))
    with doors(7) as opened:
        tried = try_one(late, opened, 7, Pace(), case_named(name))

    assert tried.broken is None
    assert tried.error is None
    assert tried.tally.counts


@pytest.mark.slow
def test_who_polls_before_the_clock_has_moved_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """C-CONN-1: on a busy machine it was told to wait twenty minutes, and was blamed for it."""
    at_once = Place.advance

    def late(place: Place, **span: float) -> None:
        threading.Event().wait(1.5)
        at_once(place, **span)

    monkeypatch.setattr(Place, "advance", late)
    case = case_named("an_expired_connection_is_renewed_once")
    with doors(7) as opened:
        tried = try_one(naive(), opened, 7, Pace(), case)

    assert tried.broken is None, tried.broken
    assert tried.error is None
    assert tried.tally.counts
