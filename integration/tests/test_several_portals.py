"""C-MULTI-1: several portals in one process; one that fails holds up no other."""

from __future__ import annotations

import signal
from pathlib import Path

from integration.tests.broker_process import BrokerProcess, Login, until
from integration.tests.client_process import ClientProcess, stop


def _two(tmp_path: Path, broker: BrokerProcess, good: Login, bad: Login) -> ClientProcess:
    """Write settings for two portals; passwords are in the environment."""
    client = ClientProcess(tmp_path, broker, good)
    tables = [
        f'[[portals]]\nnickname = "{name}"\nurl = "{broker.url}"\nca_file = "{broker.ca_file}"\n'
        f'username = "{login.username}"\nstorage = "{tmp_path / name}"\ninterval_seconds = 0.2\n'
        for name, login in (("good", good), ("bad", bad))
    ]
    (tmp_path / "two.toml").write_text(f'state = "{tmp_path / "state"}"\n' + "".join(tables))
    client.settings = {"config": str(tmp_path / "two.toml")}
    client.environment = {
        "BROKER_CLIENT_GOOD_PASSWORD": good.password,
        "BROKER_CLIENT_BAD_PASSWORD": bad.password,
    }
    return client


def test_two_portals_are_followed_by_one_process(
    tmp_path: Path, real_broker: BrokerProcess
) -> None:
    """C-MULTI-1, C-CONN-1: each one's session in its folder; a stop logs both off."""
    first, second = real_broker.portal(), real_broker.portal()
    client = _two(tmp_path, real_broker, first, second)
    mark = real_broker.mark()
    process = client.begin("watch")
    until(lambda: len({c["connection"] for c in real_broker.calls("getUpdates", mark)}) == 2)

    one, other = real_broker.whole(first), real_broker.whole(second)

    until((tmp_path / "good" / f"Session_{one}.zip").is_file)
    until((tmp_path / "bad" / f"Session_{other}.zip").is_file)
    code, said = stop(process, signal.SIGTERM)
    assert code == 0, said
    assert len(real_broker.calls("logoff", mark)) == 2


def test_a_refused_login_holds_up_no_other(tmp_path: Path, real_broker: BrokerProcess) -> None:
    """C-MULTI-1: it is told, the other portal goes on, and the exit code is the worst."""
    good, bad = real_broker.portal(), real_broker.portal()
    wrong = Login(bad.portal, bad.username, "Wrong-horse-8-staple")
    client = _two(tmp_path, real_broker, good, wrong)
    mark = real_broker.mark()
    process = client.begin("watch")
    until(lambda: real_broker.calls("getUpdates", mark))

    number = real_broker.whole(good)

    until((tmp_path / "good" / f"Session_{number}.zip").is_file)
    code, said = stop(process)
    assert code == 3, said
    assert "bad: " in said


def test_a_fetch_goes_on_to_the_next_portal(tmp_path: Path, real_broker: BrokerProcess) -> None:
    """C-MULTI-1: whichever comes first."""
    good, bad = real_broker.portal(), real_broker.portal()
    wrong = Login(bad.portal, bad.username, "Wrong-horse-8-staple")
    number = real_broker.whole(good)
    client = _two(tmp_path, real_broker, wrong, good)

    said = client.run("fetch", code=3)

    assert (tmp_path / "bad" / f"Session_{number}.zip").is_file(), said


def test_a_summary_shows_one_portal(tmp_path: Path, real_broker: BrokerProcess) -> None:
    """Wrong usage otherwise."""
    client = _two(tmp_path, real_broker, real_broker.portal(), real_broker.portal())

    assert "--portal" in client.run("watch", "--summary", code=2)
