"""Clients that are odd, and right: the suite is no stricter than the contract."""

import sys
from typing import Final

import pytest

from conformance.client.adapter import PLAIN, read
from conformance.client.cases import CASES
from conformance.client.pacing import Pace
from conformance.client.runner import doors, try_one

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
    (case,) = (each for each in CASES if each.name == name)
    with doors(7) as opened:
        tried = try_one(read(PLAIN, (sys.executable, "-c", _LATE)), opened, 7, Pace(), case)

    assert tried.broken is None
    assert tried.error is None
    assert tried.tally.counts
