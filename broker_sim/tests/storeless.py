"""Files of tests that no store has a part in: PostgreSQL need not run them again.

While the tests run with their worlds in memory it is noted of each file what its tests did, with
all that was set up for them. Where none of them touched a store, asked where worlds lie, started
a process or called another one, the file's tests would do the very same with worlds in
PostgreSQL, and are left out there. That holds for the sources and the Python that it was noted
with; where anything differs, or nothing was noted, every test runs.
"""

from __future__ import annotations

import hashlib
import multiprocessing.process
import sys
import threading
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim import settings
from broker_sim.adapters.sql import SqlStore
from broker_sim.testing.stores import on_postgresql

_CHECKOUT: Final = Path(__file__).parents[2]
# All that tests import, read or run.
SOURCES: Final = tuple(
    _CHECKOUT / name
    for name in (
        *("broker_sim", "conformance", "integration", "docs", "fixtures"),
        *("conftest.py", "pyproject.toml", "requirements.lock", "README.md"),
    )
)
_NEEDS: Final = "needs a store"
_BEFORE: Final = pytest.StashKey[int]()
_CALLS: Final = frozenset(
    {
        *("subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"),
        *("socket.connect", "http.client.send"),
    }
)


class _Watch:
    """Counts what makes a test depend on where worlds lie; from `begin` on, for good."""

    def __init__(self) -> None:
        self.count = 0
        self._begun = False

    def begin(self) -> None:
        """Count from now on, in this process."""
        if not self._begun:
            self._begun = True
            sys.addaudithook(self._heard)
            self._over(SqlStore, "__getattribute__")
            self._over(settings, "store_for_tests")
            self._over(multiprocessing.process.BaseProcess, "start")

    def _heard(self, event: str, _arguments: object) -> None:
        if event in _CALLS:
            self.count += 1

    def _over(self, owner: Any, name: str) -> None:
        """Count the calls of a function, but not what a server goes on doing beside the tests.

        What a server's thread does for a test was begun by the test, which is counted.
        """
        called = getattr(owner, name)

        def counted(*given: Any, **named: Any) -> Any:
            if threading.current_thread() is threading.main_thread() or owner is not SqlStore:
                self.count += 1
            return called(*given, **named)

        setattr(owner, name, counted)


_WATCH: Final = _Watch()


class Storeless:
    """A plugin that notes in one run, and leaves out in the other.

    Args:
        config: of the run.
        sources: files and folders that decide what its tests do.
    """

    def __init__(self, config: pytest.Config, sources: Iterable[Path] = SOURCES) -> None:
        self._config = config
        self._sources = sources
        which = f"{sys.version} {config.option.markexpr}"  # each such run has notes of its own
        self._key = f"broker-sim/storeless-{hashlib.sha256(which.encode()).hexdigest()[:16]}"
        self._files: dict[str, bool] = {}
        self._when_read: set[str] = set()
        self._asked_for_all = _is_whole(config)
        # Who goes without pytest's cache (`-p no:cacheprovider`) goes without notes, too.
        self._notes = not on_postgresql() and self._asked_for_all and _cache(config) is not None
        self._when_begun = ""
        if self._notes:
            self._when_begun = self._digest()
            _WATCH.begin()

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Note a file that depends on a store as it is read."""
        before = _WATCH.count
        report = yield
        if before != _WATCH.count:
            self._when_read.add(_file(collector.nodeid))
        return report

    @pytest.hookimpl(tryfirst=True)  # before anything is set up
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Note where a test begins."""
        item.stash[_BEFORE] = _WATCH.count

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Tell, when all of a test has been taken down, whether it depends on a store."""
        report = yield
        if self._notes and call.when == "teardown":
            needs = item.stash[_BEFORE] != _WATCH.count or _file(item.nodeid) in self._when_read
            report.user_properties.append((_NEEDS, needs))  # these travel from a worker
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Put together what is told of a file's tests."""
        needs = report.skipped or dict(report.user_properties).get(_NEEDS)
        if needs is not None:
            file = _file(report.nodeid)
            self._files[file] = self._files.get(file, False) or bool(needs)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Keep it for the run on PostgreSQL, where every test passed."""
        of_a_worker = hasattr(self._config, "workerinput")
        if not self._notes or of_a_worker or exitstatus != pytest.ExitCode.OK:
            return
        if self._digest() == self._when_begun:  # else who knows which text a test ran with
            files = sorted(file for file, needs in self._files.items() if not needs)
            cache = _cache(self._config)
            assert cache is not None
            cache.set(self._key, {"of": self._when_begun, "files": files})

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out, on PostgreSQL, what was noted to do the same there."""
        if on_postgresql():
            known = self._known()
            left_out = [item for item in items if _file(item.nodeid) in known]
            items[:] = [item for item in items if _file(item.nodeid) not in known]
            self._config.hook.pytest_deselected(items=left_out)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what was left out; also where little is said."""
        if on_postgresql() and (known := self._known()):
            terminalreporter.write_line(
                f"left out: tests that need no store and passed without one, files: {len(known)}"
            )

    def _known(self) -> frozenset[str]:
        """Give the files that need no store; none if anything is not as it was.

        Where only some tests are asked for, all of these run.
        """
        if not self._asked_for_all:
            return frozenset()
        cache = _cache(self._config)
        noted = None if cache is None else cache.get(self._key, None)
        if noted is None or noted["of"] != self._digest():
            return frozenset()
        return frozenset(noted["files"])

    def _digest(self) -> str:
        """Give the digest of all that decides what the tests do."""
        digest = hashlib.sha256()
        for source in self._sources:
            every = sorted(source.rglob("*")) if source.is_dir() else [source]
            for file in every:
                if "__pycache__" in file.parts or not file.is_file():
                    continue
                text = file.read_bytes()
                digest.update(f"{file} {len(text)} ".encode() + text)
        return digest.hexdigest()


def _is_whole(config: pytest.Config) -> bool:
    """Tell whether all tests of each file run that the markers leave."""
    chosen = config.option.keyword or any("::" in given for given in config.args)
    some = ("lf", "deselect", "stepwise")
    return not (chosen or any(getattr(config.option, name, None) for name in some))


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def _cache(config: pytest.Config) -> pytest.Cache | None:
    cache: pytest.Cache | None = getattr(config, "cache", None)
    return cache
