"""What mutmut leaves is read right, and a test that became blind is seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from broker_sim.tests import survivors
from broker_sim.tests.survivors import Kept, Mutant, Unreadable

MUTATED = '''
def x_settle__mutmut_orig(a, b):
    """Tell."""
    if a >= b:
        return a
    return b


def x_settle__mutmut_1(a, b):
    """Tell."""
    if a > b:
        return a
    return b


class Box:
    def xǁBoxǁopen__mutmut_orig(self):
        return 1

    def xǁBoxǁopen__mutmut_1(self):
        return 2
'''
SETTLE = "broker_sim.core.lockout.x_settle__mutmut_1"
OPEN = "broker_sim.core.lockout.xǁBoxǁopen__mutmut_1"
LIVES = {"of": "lockout.settle", "was": "if a >= b:", "now": "if a > b:"}


def left_by_mutmut(folder: Path, settle: int | None, opened: int | None) -> Path:
    """Write a folder as mutmut leaves it, with these exit codes."""
    core = folder / "broker_sim" / "core"
    core.mkdir(parents=True)
    (core / "lockout.py").write_text(MUTATED, encoding="utf-8")
    codes = {SETTLE: settle, OPEN: opened}
    (core / "lockout.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    return folder


def test_a_mutant_is_told_by_what_it_changes(tmp_path: Path) -> None:
    """By function and lines: mutmut's numbers move with every edit."""
    one, other = survivors.read(left_by_mutmut(tmp_path, 0, 1))

    assert (one.told, one.module, one.lives) == (LIVES, "lockout", True)
    assert other == Mutant("lockout.Box.open", "return 1", "return 2", 1)
    assert not other.lives


@pytest.mark.parametrize(("code", "lives"), [(0, True), (33, True), (1, False), (-24, False)])
def test_a_mutant_lives_if_tests_pass_or_none_runs_it(code: int, *, lives: bool) -> None:
    """A test that fails, or runs for ever, has seen it."""
    assert Mutant("a.b", "", "", code).lives is lives


def test_a_run_that_did_not_end_is_none(tmp_path: Path) -> None:
    """Nor is a folder without mutants."""
    with pytest.raises(Unreadable, match="no mutants"):
        survivors.read(tmp_path)
    with pytest.raises(Unreadable, match="not all of its mutants were tried"):
        survivors.read(left_by_mutmut(tmp_path, None, 1))


def test_a_share_below_the_committed_one_is_told_with_who_lives(tmp_path: Path) -> None:
    """Of 100; a module that nothing is committed for has to kill all."""
    mutants = survivors.read(left_by_mutmut(tmp_path, 0, 1))

    assert survivors.shares(mutants, []) == {"lockout": 50}
    assert list(survivors.complaints(mutants, Kept({"lockout": 50}, []))) == []
    said = list(survivors.complaints(mutants, Kept({"lockout": 51}, [])))
    assert said == [
        "lockout: 50 of 100 mutants are killed, 51 were",
        "  lockout.settle\n    - if a >= b:\n    + if a > b:",
    ]
    assert next(survivors.complaints(mutants, Kept({}, []))).endswith("100 were")


def test_an_explained_mutant_does_not_count(tmp_path: Path) -> None:
    """Neither for nor against its module."""
    mutants = survivors.read(left_by_mutmut(tmp_path, 0, 1))
    explained = [{**LIVES, "why": "equivalent: they are never equal"}]

    assert survivors.shares(mutants, explained) == {"lockout": 100}
    assert list(survivors.complaints(mutants, Kept({"lockout": 100}, explained))) == []


def test_an_explanation_that_explains_nothing_is_stale(tmp_path: Path) -> None:
    """As is a share of a module that is gone."""
    mutants = survivors.read(left_by_mutmut(tmp_path, 1, 1))
    explained = [{**LIVES, "why": "equivalent: they are never equal"}]

    said = list(survivors.complaints(mutants, Kept({"gone": 90}, explained)))
    assert said == [
        "gone: no module of core; take it out of survivors.toml",
        "lockout.settle: an explained mutant does not live (any more): if a > b:",
    ]


def test_the_committed_file_names_modules_of_core_and_gives_reasons() -> None:
    """Each survivor with why nobody can see it, or why it was left."""
    committed, core = survivors.kept(), Path(survivors.__file__).parents[1] / "core"

    assert {f"{name}.py" for name in committed.shares} <= {path.name for path in core.glob("*.py")}
    assert all(0 < share < 100 for share in committed.shares.values())
    for row in committed.explained:
        assert set(row) == {"of", "was", "now", "why"}
        assert row["why"].startswith("equivalent: ")


def test_the_exit_code_says_whether_all_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 where there is nothing to read; 1 where a module became worse."""
    assert survivors.main(tmp_path) == 2
    assert "run mutmut first" in capsys.readouterr().err
    assert survivors.main(left_by_mutmut(tmp_path, 0, 0)) == 1
    assert "lockout: 0 of 100 mutants are killed" in capsys.readouterr().out
