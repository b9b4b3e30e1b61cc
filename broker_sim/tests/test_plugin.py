"""The pytest plugin: tests that ask for `broker`, run by a pytest of their own."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

import pytest
import requests

from broker_sim.testing import BrokerWorld, RunningBroker, running_broker

pytest_plugins = ["pytester"]

_AT_ONCE: Final = 200
_ENVELOPE: Final = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<logon xmlns="urn:broker-sim:v1"><username>{}</username><password>{}</password></logon>'
    "</e:Body></e:Envelope>"
)
_LOGON: Final = (
    """
import pathlib

import pytest
import requests

BODY = """
    + repr(_ENVELOPE)
    + """

def logon(broker, password=None):
    _portal, username, right = broker.logins[0]
    body = BODY.format(username, password or right)
    url = broker.wsdl.partition("?")[0]
    return requests.post(url, body, headers={"Content-Type": "text/xml"}, timeout=30).text
"""
)


def run(pytester: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    """Run these tests in a process of their own, where the plugin comes with the package."""
    pytester.makepyfile(_LOGON + tests)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)


def test_a_test_asks_for_a_broker_and_has_its_clock(pytester: pytest.Pytester) -> None:
    """LOGON-3: three failures, five minutes, in a world that nobody set up."""
    done = run(
        pytester,
        """
def test_a_lock_ends(broker):
    for _ in range(3):
        assert "InvalidCredentials" in logon(broker, "wrong")
    assert "LockedOut" in logon(broker)
    broker.clock.advance(minutes=5)
    assert "<connectionId>" in logon(broker)
    assert [entry["operation"] for entry in broker.journal.after(0, 10)] == ["logon"] * 5

def test_another_one_sees_nothing_of_it(broker, broker_server):
    assert broker.journal.after(0, 10) == []
    assert broker.url.startswith(broker_server.url)
    assert "<connectionId>" in logon(broker)
""",
        "--strict-markers",
        "-W",
        "error",
    )

    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines(["broker-sim: --broker-seed=7 --broker-store=memory"])


def test_a_failing_test_shows_what_was_called(pytester: pytest.Pytester) -> None:
    """With the fault, without the password; a test that passes shows nothing."""
    done = run(
        pytester,
        """
def test_it_fails(broker):
    logon(broker)
    assert "connectionId" in logon(broker, "my-dear-secret")

def test_it_passes(broker):
    logon(broker, "silence")

@pytest.fixture
def connected(broker):
    assert "connectionId" in logon(broker, "before the test")

def test_what_it_needs_fails(connected): ...

@pytest.fixture
def checked(broker):
    yield
    assert "connectionId" in logon(broker, "behind the test")

def test_what_it_needed_fails_afterwards(checked): ...
""",
        "-q",
        "--broker-seed=31",
        "--tb=short",
    )
    shown = done.stdout.str()

    done.assert_outcomes(passed=2, failed=1, errors=2)
    done.stdout.fnmatch_lines(
        [
            "*- broker journal, seed 31 -*",
            "*1  09:00:00.000  200 * ms  logon()*",
            "*2  09:00:00.000  500 * ms  logon()  InvalidCredentials*",
            "*> <e:Envelope*struck out*",
            "*< *InvalidCredentials*",
        ]
    )
    assert shown.count("broker journal, seed 31") == 3
    assert "secret" not in shown.partition("broker journal")[2].partition("____")[0]


def test_the_marker_says_what_a_world_begins_with(pytester: pytest.Pytester) -> None:
    """That of the test outweighs that of its class, and both the command line."""
    done = run(
        pytester,
        """
from datetime import UTC, datetime

def kept(broker):
    return broker.tester.describe()["sessions"]

def test_the_command_line(broker):
    assert (broker.seed, kept(broker)) == (5, 0)

@pytest.mark.broker(seed=8, sessions=20, frozen_at="2031-02-03")
class TestMarked:
    def test_the_class(self, broker):
        assert (broker.seed, kept(broker)) == (8, 20)
        assert broker.clock.now() == datetime(2031, 2, 3, tzinfo=UTC)

    @pytest.mark.broker(sessions=3, frozen_at=None)
    def test_itself(self, broker):
        assert (broker.seed, kept(broker), broker.clock.mode) == (8, 3, "real")

@pytest.mark.broker(session=3)
def test_a_slip(broker): ...

@pytest.mark.broker(3)
def test_a_value(broker): ...
""",
        "--broker-seed=5",
    )

    done.assert_outcomes(passed=3, errors=2)
    done.stdout.fnmatch_lines(
        [
            "*the marker broker takes seed, sessions, frozen_at by name, not 'session'*",
            "*the marker broker takes seed, sessions, frozen_at by name, not values*",
        ]
    )


@pytest.mark.parametrize("store", ["file", "sqlite:///{folder}/kept-{{worker}}.db", "postgresql"])
def test_the_worlds_may_be_kept_elsewhere(pytester: pytest.Pytester, store: str) -> None:
    """Each test begins with an empty one, whatever the one before it has left there."""
    done = run(
        pytester,
        """
@pytest.mark.parametrize("turn", range(3))
@pytest.mark.broker(sessions=4)
def test_each_begins_anew(broker, turn):
    assert broker.tester.describe()["sessions"] == 4
    broker.clock.advance(days=90)
    logon(broker)
    assert len(broker.journal.after(0, 10)) == 1
    assert broker.tester.describe()["sessions"] == 0

@pytest.mark.broker(seed=9, frozen_at=None)
def test_another_seed(broker):
    assert (broker.seed, broker.clock.mode) == (9, "real")
""",
        f"--broker-store={store.format(folder=pytester.path)}",
    )

    done.assert_outcomes(passed=4)
    assert (pytester.path / "kept-main.db").exists() is store.startswith("sqlite")


def test_two_workers_have_a_server_each(pytester: pytest.Pytester) -> None:
    """Two hundred tests on two hundred worlds, and the journal of the one that fails."""
    done = run(
        pytester,
        """
@pytest.mark.parametrize("turn", range(200))
def test_alone(broker, turn):
    assert broker.journal.after(0, 10) == []
    broker.clock.advance(seconds=turn)
    assert "InvalidCredentials" in logon(broker, "wrong")
    assert len(broker.journal.after(0, 10)) == 1
    assert turn != 77

@pytest.mark.parametrize("turn", range(10))
def test_the_server_is_of_this_process(broker_server, turn, worker_id):
    kept = pathlib.Path(f"server-{worker_id}")
    kept.touch()
    kept.write_text(kept.read_text() or broker_server.url)
    assert kept.read_text() == broker_server.url
""",
        "-n2",
    )

    done.assert_outcomes(passed=209, failed=1)
    kept = [file.read_text() for file in pytester.path.glob("server-*")]
    assert len(set(kept)) == len(kept) > 0
    done.stdout.fnmatch_lines(
        ["*broker journal, seed 7*", "*09:01:17.000  500 * logon()  InvalidCredentials*"]
    )


def test_two_hundred_at_once_see_nothing_of_each_other() -> None:
    """Each has its own lock, clock, journal and sessions, while all the others change theirs."""
    begun = threading.Barrier(_AT_ONCE)

    def lived(server: RunningBroker, number: int) -> None:
        with server.world(seed=number, sessions=number % 7) as world:
            begun.wait(60)  # all of them are there before the first begins
            _live(world, number)

    with running_broker() as server, ThreadPoolExecutor(_AT_ONCE) as threads:
        done = [threads.submit(lived, server, number) for number in range(_AT_ONCE)]
        for each in done:
            each.result(100)
        assert server.worlds.names() == ["default"]


def _live(world: BrokerWorld, number: int) -> None:
    """Lock a login as often as the number says, by SOAP, and look at all that is left of it."""
    _portal, username, password = world.logins[0]
    failures, open_at = 3 + number % 2, world.clock.now() + timedelta(minutes=5)
    for _ in range(failures):
        assert "<connectionId>" not in _logon(world, username, "wrong")
    world.clock.advance(seconds=number)
    assert "LockedOut" in _logon(world, username, password)
    assert world.clock.advance(to=open_at) == open_at
    assert "<connectionId>" in _logon(world, username, password)

    assert len(world.journal.after(0, 100)) == failures + 2
    assert world.tester.describe()["sessions"] == number % 7
    assert world.tester.describe()["seed"] == number


def _logon(world: BrokerWorld, username: str, password: str) -> str:
    body = _ENVELOPE.format(username, password)
    url = world.wsdl.partition("?")[0]
    return requests.post(url, body, headers={"Content-Type": "text/xml"}, timeout=60).text


def test_a_run_without_a_broker_loads_nothing_of_it() -> None:
    """Who has the package installed and does not use it does not wait for it."""
    script = (
        "import sys; import pytest; before = set(sys.modules);"
        "import broker_sim.testing.plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()

    assert [name for name in loaded if not name.startswith("broker_sim")] == []
    assert set(loaded) == {"broker_sim", "broker_sim.testing", "broker_sim.testing.plugin"}


def test_this_run_has_the_plugin_once(pytestconfig: pytest.Config) -> None:
    """It comes with the package; nothing here asks for it a second time."""
    import broker_sim.testing.plugin as ours  # noqa: PLC0415  loading it is what is asked about

    names = [
        name for name, plugin in pytestconfig.pluginmanager.list_name_plugin() if plugin is ours
    ]
    assert names == ["broker_sim"]
