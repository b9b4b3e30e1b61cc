"""`storeless`: what PostgreSQL is spared are files of tests that would do the same there."""

from pathlib import Path
from typing import Final

import pytest

from broker_sim.tests import storeless

pytest_plugins = ["pytester"]

_CONFTEST: Final = """
from pathlib import Path
from broker_sim.tests.storeless import Storeless

def pytest_configure(config):
    sources = [Path("source.py"), Path("sources")]
    config.pluginmanager.register(Storeless(config, sources), "storeless")
"""
_IN_NEED: Final = {
    "opens": "def test_it():\n    with world(): pass",
    "fixture": """
import pytest
@pytest.fixture(scope="module")
def made():
    with world() as hands:
        yield hands.portal
@pytest.mark.parametrize("nth", range(2))
def test_it(made, nth): assert made
""",
    "process": "def test_it():\n    subprocess.run([sys.executable, '-c', ''], check=True)",
    "calls": """
def test_it():
    with socket.socket() as there, socket.socket() as here:
        there.bind(('127.0.0.1', 0))
        there.listen()
        here.connect(there.getsockname())
""",
    "asks": "from broker_sim.testing.stores import on_postgresql\n\ndef test_it(): on_postgresql()",
    "when_read": """
from broker_sim.testing.stores import on_postgresql
THERE = on_postgresql()
def test_it(): pass
""",
    "skipped": "import pytest\ndef test_it(): pytest.skip()",
}
_IN_NONE: Final = {
    "reckons": "def test_it(): assert 1 + 1 == 2",
    "imports": "def test_it(): assert callable(world)",
}
_HEAD: Final = "import socket, subprocess, sys\nfrom broker_sim.tests.worlds import world\n"


_PLAIN: Final = ("-p", "no:faker", "-p", "no:hypothesispytest")  # they take long to import
_QUICK: Final = ("asks", "reckons")


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Give a project with a file of tests that needs a store, and one that does not."""
    monkeypatch.delenv("BROKER_SIM_TEST_STORE", raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(storeless.__file__).parents[2]))
    pytester.makeconftest(_CONFTEST)
    pytester.path.joinpath("source.py").write_text("", encoding="utf-8")
    pytester.mkdir("sources")
    _write(pytester, *_QUICK)
    return pytester


def _write(project: pytest.Pytester, *names: str) -> None:
    for name in names:
        text = _HEAD + {**_IN_NEED, **_IN_NONE}[name]
        project.path.joinpath(f"test_{name}.py").write_text(text, encoding="utf-8")


def _run(project: pytest.Pytester, *options: str) -> set[str]:
    """Run the tests; give the files whose tests did run."""
    done = project.runpytest_subprocess("-v", *_PLAIN, *options)
    assert done.ret == pytest.ExitCode.OK
    lines = [line for line in done.outlines if "PASSED" in line or "SKIPPED" in line]
    return {line.partition("test_")[2].partition(".py")[0] for line in lines if "::" in line}


def _on_postgresql(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    monkeypatch.setenv("BROKER_SIM_TEST_STORE", "postgresql")
    return _run(project)


def test_files_that_need_no_store_are_left_out_on_postgresql(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else: not where a fixture of the file, a process or a server might ask.

    A run by other markers, between the two, changes nothing.
    """
    _write(project, *_IN_NEED, *_IN_NONE)

    assert _run(project, "-n", "2") == {*_IN_NEED, *_IN_NONE}
    _run(project, "-m", "not slow")
    assert _on_postgresql(project, monkeypatch) == {*_IN_NEED}


def test_everything_runs_where_not_everything_was_noted(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of some tests, by markers of its own, or one that failed, tells nothing of this one."""
    _run(project, "test_reckons.py::test_it")
    _run(project, "-m", "not slow")
    bad = project.path / "test_bad.py"
    bad.write_text("def test_it(): assert False", encoding="utf-8")
    assert project.runpytest_subprocess(*_PLAIN).ret == pytest.ExitCode.TESTS_FAILED
    bad.unlink()

    assert _on_postgresql(project, monkeypatch) == {*_QUICK}


def test_everything_runs_when_a_source_has_changed(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was noted is of the sources that it was noted with."""
    _run(project)
    project.path.joinpath("sources", "page.html").write_text("changed", encoding="utf-8")

    assert _on_postgresql(project, monkeypatch) == {*_QUICK}


def test_nothing_is_noted_of_sources_that_changed_meanwhile(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who edits beside a run: which text a test has imported is not known."""
    changes = "from pathlib import Path\n\ndef test_it(): Path('source.py').write_text('x = 1')"
    project.path.joinpath("test_reckons.py").write_text(changes, encoding="utf-8")
    _run(project)

    assert _on_postgresql(project, monkeypatch) == {*_QUICK}


def test_who_asks_for_some_tests_gets_them_and_who_asks_for_all_is_told(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL, too, with or without their file's note; in few words as well."""
    _run(project)
    monkeypatch.setenv("BROKER_SIM_TEST_STORE", "postgresql")

    assert _run(project, "-k", "reckons") == {"reckons"}
    assert _run(project, "test_reckons.py::test_it") == {"reckons"}
    done = project.runpytest_subprocess("-q", "-n", "2", *_PLAIN)
    told = "left out: tests that need no store and passed without one, files: 1"
    assert told in done.outlines


def test_who_goes_without_the_cache_goes_without_notes(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As mutmut does, for one: it ended with an error of ours once all tests had passed."""
    assert _run(project, "-p", "no:cacheprovider") == set(_QUICK)
    monkeypatch.setenv("BROKER_SIM_TEST_STORE", "postgresql")
    assert _run(project, "-p", "no:cacheprovider") == set(_QUICK)
