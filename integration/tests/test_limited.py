"""C-POLL-2: a client that the broker finds too quick, as a process at a real broker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from integration.tests.broker_process import BrokerProcess
from integration.tests.client_process import ClientProcess
from integration.tests.home import archives

SECOND = timedelta(seconds=1)


def test_a_limited_fetch_waits_as_told_and_loses_nothing(tmp_path: Path) -> None:
    """C-POLL-2, RATE-1: no call comes before its time; all sessions come home, then a logoff."""
    limit = ("--rate", "10", "--burst", "4")
    with BrokerProcess(tmp_path / "broker", http=True, limit=limit) as broker:
        login = broker.portal()
        ids = [broker.whole(login) for _ in range(7)]
        before = broker.mark()
        client = ClientProcess(tmp_path / "client", broker, login)
        told = client.run_json("fetch")
        calls = [each for each in broker.journal(before) if each["operation"] != "download"]

    limited = [(one, after) for one, after in pairwise(calls) if one["fault"] == "RateLimited"]
    assert limited
    for one, after in limited:
        assert _time(after) - _time(one) >= SECOND
        assert after["operation"] == one["operation"]
    assert (told["found"], told["stored"], told["waiting"], told["lost"]) == (7, 7, {}, {})
    names = {Path(name).name for name in archives(client.portal)}
    assert names >= {f"Session_{number}.zip" for number in ids}
    assert (calls[-1]["operation"], calls[-1]["fault"]) == ("logoff", None)


def _time(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["time"])
