"""LOGON-3, CONN-1, UPD-1, PORTAL-3, PHONE-1: four processes, and callers who race each other.

5,000 calls on each store; at night, 100,000.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

from broker_sim.tests.load import Poller, under_load
from broker_sim.tests.load_calls import Load
from broker_sim.tests.served import served
from broker_sim.tests.stores import url_of

CALLS: Final = 100_000 if settings.get_current_profile_name() == "night" else 5_000
OPTIONS: Final = (
    *("--http", "--port", "0", "--control", "--control-port", "0"),
    *("--no-rate", "--workers", "4"),
)
LOCKLESS: Final = """
from broker_sim.adapters import postgresql
postgresql.WRITE = "BEGIN"
from broker_sim.__main__ import main
raise SystemExit(main())
"""
ONCE: Final = ("Posted", "Accepted", "Started", "Ended")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_what_one_may_have_one_has(kind: str, tmp_path: Path) -> None:
    """LOGON-3, CONN-1, UPD-1, UPD-2, SESS-4, PORTAL-3, PORTAL-4, PHONE-1: over four processes."""
    options = ("--http", "--port", "0", "--control", "--control-port", "0", "--no-rate")
    with (
        url_of("memory" if kind == "file" else kind) as url,
        served(
            tmp_path,
            *("--store", "file" if kind == "file" else url, "--workers", "4", *options),
        ) as told,
        closing(Load(told, CALLS)) as load,
    ):
        pollers = under_load(load)

        assert load.broken == []
        assert load.made >= CALLS
        assert_the_logs_tell_it(load, pollers)


@pytest.mark.slow
def test_without_a_lock_the_callers_notice(tmp_path: Path) -> None:
    """PORTAL-3, UPD-1: a broker whose transactions do not wait for each other breaks soon."""
    with (
        url_of("postgresql") as url,
        served(tmp_path, "--store", url, *OPTIONS, program=("-c", LOCKLESS)) as told,
        closing(Load(told, 2_000)) as load,
    ):
        under_load(load)

        assert load.broken


def assert_the_logs_tell_it(load: Load, pollers: Sequence[Poller]) -> None:
    """Fail unless all followers of a log saw the same, and everything once that happens once."""
    logs: dict[str, list[tuple[int, int, str]]] = {}
    for poller in sorted(pollers, key=lambda one: len(one.seen), reverse=True):
        longest = logs.setdefault(poller.portal, poller.seen)
        assert poller.seen == longest[: len(poller.seen)]
        assert [entry[0] for entry in poller.seen] == list(range(1, len(poller.seen) + 1))
    told: dict[int, Counter[str]] = defaultdict(Counter)
    for seen in logs.values():
        for _, number, kind in seen:
            told[number][kind] += 1
    assert len(load.accepted) > CALLS / 200
    for number, email in load.accepted.items():
        assert {kind: told[number][kind] for kind in ONCE} == dict.fromkeys(ONCE, 1), number
        assert email in representative(pollers, number)


def representative(pollers: Sequence[Poller], number: int) -> str:
    """Give what the broker says of who had a session."""
    for poller in pollers:
        answer = poller.load.soap(
            "Sessions", "getSession", connectionId=poller.connection, sessionId=number
        )
        found = re.search(r"<representative>(.*?)</representative>", answer)
        if found:
            return found[1]
    return ""
