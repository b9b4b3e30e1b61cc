"""PHONE-2, PHONE-3: codes made and typed at once, by threads and by processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from broker_sim.tests.phone_codes import active, made, typed
from broker_sim.tests.refusals import code_of
from broker_sim.tests.side_by_side import side_by_side
from broker_sim.tests.test_store_races import at_once
from broker_sim.tests.worlds import Hands, world


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


@pytest.mark.parametrize("in_file", [False, True])
def test_of_those_who_type_it_at_once_one_is_connected(tmp_path: Path, *, in_file: bool) -> None:
    """PHONE-3: there is one session, and the others hear that there is no such code."""
    with world(tmp_path if in_file else None) as hands:
        code = made(hands).code
        types = [
            partial(code_of, partial(typed, hands, code, customer_ip=f"192.0.2.{nth}"))
            for nth in range(6)
        ]
        assert Counter(at_once(*types)) == {None: 1, "NoSuchCode": 5}
        assert len(hands.call("getUpdates", since=0)) == 2


@pytest.mark.parametrize("in_file", [False, True])
def test_codes_made_at_once_are_counted_one_by_one(tmp_path: Path, *, in_file: bool) -> None:
    """PHONE-2: twelve at once, and eight of them come."""
    with world(tmp_path if in_file else None) as hands:
        hands.logon()
        makes = [partial(code_of, partial(made, hands))] * 12
        assert Counter(at_once(*makes)) == {None: 8, "TooManyCodes": 4}
        assert len(set(active(hands))) == 8


TYPIST: Final = """
import sys
from pathlib import Path
from broker_sim.tests.refusals import code_of
from broker_sim.tests.phone_codes import typed
from broker_sim.tests.worlds import world
from functools import partial
with world(Path(sys.argv[1])) as hands:
    # begin
    print(*[code_of(partial(typed, hands, code)) for code in sys.argv[2:]])
"""


def test_of_those_who_type_it_in_several_processes_one_is_connected(tmp_path: Path) -> None:
    """PHONE-3: eight codes, three processes, eight sessions."""
    with world(tmp_path) as hands:
        codes = [made(hands).code for _ in range(8)]

    said = side_by_side(*[TYPIST] * 3, arguments=[str(tmp_path), *codes])

    told = [line.split() for line in said]
    assert all([ends[nth] for ends in told].count("None") == 1 for nth in range(8))
    assert Counter(" ".join(said).split())["None"] == 8
