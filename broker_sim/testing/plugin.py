"""The pytest plugin: a world of its own for every test that asks for `broker`.

    def test_three_failures_lock(broker):
        ...
        broker.clock.advance(minutes=5)

pytest imports this module in every run, of everybody who has installed the package, so it
imports nothing of it before a test asks for a broker. `-p no:broker_sim` switches it off.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from broker_sim.testing.running import RunningBroker
    from broker_sim.testing.world import BrokerWorld

_MEMORY: Final = "memory"
_MARKER: Final = (
    "broker(seed=7, sessions=0, frozen_at='2030-01-15T09:00:00Z'): what the world of the test's"
    " `broker` begins with; frozen_at=None goes by the machine's time"
)
_WISHES: Final = ("seed", "sessions", "frozen_at")
_HELD: Final = pytest.StashKey["BrokerWorld"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of every world."""
    group = parser.getgroup("broker-sim", "the simulated broker")
    group.addoption(
        "--broker-seed",
        type=int,
        default=7,
        metavar="N",
        help="what the worlds of the tests are made from (default: 7)",
    )
    group.addoption(
        "--broker-store",
        default=_MEMORY,
        metavar="STORE",
        help="where they are kept: memory (default, one server for all tests), or, with a"
        " broker of its own for each test, file, postgresql (its own server for tests), or a"
        " database URL, in which {worker} stands for the xdist worker",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


def pytest_report_header(config: pytest.Config) -> str:
    """Tell the seed, which makes a run to be had again."""
    seed, store = config.getoption("--broker-seed"), config.getoption("--broker-store")
    return f"broker-sim: --broker-seed={seed} --broker-store={store.partition('://')[0]}"


@pytest.fixture(scope="session")
def broker_server() -> Iterator[RunningBroker]:
    """A server in this process, for as long as the tests run; each `broker` is a world on it."""
    from broker_sim.testing.running import running_broker  # noqa: PLC0415  see the module

    with running_broker() as server:
        yield server


@pytest.fixture
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrokerWorld]:
    """A broker that nobody else sees: url, wsdl, logins, tester, clock, faults, journal."""
    wish = _wish(request.node, request.config.getoption("--broker-seed"))
    store = request.config.getoption("--broker-store")
    if store == _MEMORY:
        made = request.getfixturevalue("broker_server").world(**wish)
    else:
        worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
        home = tmp_path_factory.mktemp("broker")
        made = _alone(store.replace("{worker}", worker), home, wish)
    with made as world:
        request.node.stash[_HELD] = world
        yield world


@pytest.hookimpl(hookwrapper=True)  # the old way, which every pytest since 7.0 has
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, None]:
    """Show what was called and answered, where a test fails."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    world = item.stash.get(_HELD, None)
    if world is not None and report.failed:
        from broker_sim.testing.telling import journal_told  # noqa: PLC0415  see the module

        report.sections.append((f"broker journal, seed {world.seed}", journal_told(world.journal)))
    if world is not None and call.when == "teardown":
        del item.stash[_HELD]


def _wish(test: pytest.Item, seed: int) -> Mapping[str, Any]:
    """Give what the markers of a test say, those nearest to it last; its world's seed, if not."""
    wish: dict[str, Any] = {"seed": seed}
    for marker in reversed(list(test.iter_markers("broker"))):
        unknown = [repr(name) for name in marker.kwargs if name not in _WISHES]
        if marker.args or unknown:
            said = f"the marker broker takes {', '.join(_WISHES)} by name"
            pytest.fail(f"{said}, not {', '.join(unknown) or 'values'}", pytrace=False)
        wish |= marker.kwargs
    if isinstance(wish.get("frozen_at"), str):
        at = datetime.fromisoformat(wish["frozen_at"])
        wish["frozen_at"] = at if at.tzinfo else at.replace(tzinfo=UTC)
    return wish


@contextmanager
def _alone(store: str, home: Path, wish: Mapping[str, Any]) -> Iterator[BrokerWorld]:
    """Start a broker for one test; what another test left in its database is emptied."""
    from broker_sim.bootstrap.worlds import START  # noqa: PLC0415  see the module
    from broker_sim.testing.running import running_broker  # noqa: PLC0415  see the module

    at = wish.get("frozen_at", START)
    with running_broker(wish["seed"], frozen_at=at, store=store, home=home) as server:
        world = server.default_world
        world.tester.set_clock("real" if at is None else "frozen", at)
        world.tester.reset(wish["seed"], wish.get("sessions", 0))
        yield server.default_world
