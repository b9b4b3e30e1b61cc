"""Brokers that are wrong on purpose are caught, each by a check of a rule that it breaks."""

import functools
import json
from importlib import resources
from pathlib import Path

import pytest

from broker_sim.testing import Overlay, replaced
from conformance.mutants import MUTANTS, Mutant, breaking
from conformance.mutants.__main__ import main
from conformance.mutants.matrix import RELEASE_SEEDS, RULES, Matrix, run
from conformance.mutants.table import DATA, FORMAT, TABLE, table, write
from conformance.mutants.trial import PASSIVE, Trial, judged, tried
from conformance.properties import PROPERTIES
from conformance.rulebook import rules

ROOT = Path(str(resources.files("conformance"))).parent
CHAPTERS = {
    "LOGON": "locks-one-failure-late",
    "RATE": "lets-one-call-more-in",
    "CONN": "lives-after-logoff",
    "SESS": "begun-minutes-do-not-count",
    "UPD": "updates-at-a-border-are-lost",
    "REC": "expiry-is-not-signed",
    "RET": "kept-for-91-days",
    "FAULT": "faults-have-status-200",
    "WIRE": "flags-are-capitalised",
    "MON": "queues-are-a-minute-old",
    "PHONE": "codes-work-at-their-expiry",
    "AGENT": "sessions-are-not-resumed",
    "PORTAL": "accepted-is-begun",
    "CHAN": "all-sessions-have-one-key",
}


@pytest.mark.parametrize("rule", RULES)
def test_every_must_rule_has_a_broker_that_breaks_it(rule: str) -> None:
    """A rule without a mutant is a rule whose checks nobody has checked."""
    assert rules()[rule].level == "MUST"
    assert breaking(rule)


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.name)
def test_every_mutant_can_be_laid_over_the_broker(mutant: Mutant) -> None:
    """Its places exist, its rules are judged ones, and it says in a line what it does wrong."""
    assert set(mutant.breaks) <= set(RULES)
    assert mutant.doc.endswith(".")
    with replaced(*mutant.overlays) as seam:
        assert seam.places


@pytest.mark.parametrize("name", CHAPTERS.values())
def test_one_of_each_chapter_is_caught(name: str) -> None:
    """The whole matrix is slow; here one mutant stands for its chapter."""
    trial = tried(name, seed=7, examples=5)

    assert trial.rule in MUTANTS[name].breaks, trial.why
    assert trial.check


def test_the_reference_passes_what_a_mutant_fails() -> None:
    """LOGON-4: the same checks, the same seed, and no mistake."""
    assert not judged(("LOGON-4",), seed=7, examples=5)


def _add(monkeypatch: pytest.MonkeyPatch, place: str) -> str:
    """Add a mutant that does what the reference does."""
    overlay = Overlay(place, functools.partial)
    harmless = Mutant("harmless", ("LOGON-4",), "Does nothing wrong.", (overlay,))
    monkeypatch.setitem(MUTANTS, harmless.name, harmless)
    return harmless.name


def test_a_mutant_that_does_nothing_wrong_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    """What catches it would catch the reference."""
    trial = tried(_add(monkeypatch, "broker_sim.core.lockout.fail"), seed=7, examples=5)

    assert trial.rule is None
    assert trial.why == "the suite found nothing"


def test_an_overlay_that_is_never_called_is_no_mutant(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as what it is."""
    place = "broker_sim.core.chat.say"
    trial = tried(_add(monkeypatch, place), seed=7, examples=5)

    assert trial.rule is None
    assert trial.why == f"never called: {place}"


def test_a_kill_counts_only_where_the_reference_passes() -> None:
    """A check that fails on the reference, too, has caught nothing."""
    name = next(iter(MUTANTS))
    rule = MUTANTS[name].breaks[0]
    trials = (Trial(name, 1, rule, "check"), Trial(name, 2, rule, "check"))
    matrix = Matrix((name,), (1, 2), 5, {(2, rule): "FAIL"}, trials)

    assert [trial.seed for trial in matrix.kills(name)] == [1]
    assert len([*matrix.faults()]) == 2
    assert rule in matrix.rules_without_a_kill()


def test_the_published_matrix_is_that_of_these_mutants() -> None:
    """What the table says was found for just these, and every one was caught."""
    told = json.loads((ROOT / DATA).read_text(encoding="utf-8"))
    listed = {row["name"]: (tuple(row["breaks"]), row["doc"]) for row in told["mutants"]}

    assert told["format"] == FORMAT
    assert tuple(told["rules"]) == RULES
    assert listed == {each.name: (each.breaks, each.doc) for each in MUTANTS.values()}
    assert [row["name"] for row in told["mutants"] if row["killed"] != told["seeds"]] == []
    assert tuple(told["seeds"]) == RELEASE_SEEDS
    assert table(told) == (ROOT / TABLE).read_text(encoding="utf-8")


def test_a_rule_of_the_matrix_was_caught_by_its_own_check() -> None:
    """For every rule some mutant was caught by a check of just that rule."""
    told = json.loads((ROOT / DATA).read_text(encoding="utf-8"))
    caught = {by.partition(" ")[0] for row in told["mutants"] for by in row["by"]}

    assert set(RULES) == caught


def test_the_published_matrix_names_checks_that_there_are() -> None:
    """A check that was renamed or dropped has caught nothing that counts today."""
    told = json.loads((ROOT / DATA).read_text(encoding="utf-8"))
    named = {tuple(by.split(" ", 1)) for row in told["mutants"] for by in row["by"]}
    known = {(rule, each.name) for each in PROPERTIES for rule in RULES}

    assert {by for by in named if by not in known and by[1] != PASSIVE} == set()


def test_one_row_can_be_written_anew_and_the_others_stay(tmp_path: Path) -> None:
    """A changed mutant costs five runs, not all of them."""
    told = json.loads((ROOT / DATA).read_text(encoding="utf-8"))
    for name in (TABLE, DATA):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    name, seeds = told["mutants"][3]["name"], tuple(told["seeds"])
    trials = tuple(Trial(name, seed, "LOGON-9", "another_check") for seed in seeds)

    write(Matrix((name,), seeds, told["examples"], {}, trials), tmp_path)

    told["mutants"][3]["by"] = ["LOGON-9 another_check"]
    assert told == json.loads((tmp_path / DATA).read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match="another way"):
        write(Matrix((name,), (1,), told["examples"], {}, trials), tmp_path)


def test_an_unknown_mutant_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """The command line says how to learn the names."""
    assert main(["--only", "no-such-mutant"]) == 3
    assert main(["as", "no-such-mutant", "serve"]) == 3
    assert "--list" in capsys.readouterr().err


def test_the_list_names_rule_mutant_and_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each."""
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert len(lines) == len(MUTANTS)
    assert all(line.startswith(rule) for line, rule in zip(lines, _first_rules(), strict=True))


def _first_rules() -> list[str]:
    return [mutant.breaks[0] for mutant in MUTANTS.values()]


@pytest.mark.slow
def test_one_of_each_rule_is_caught() -> None:
    """A mutant of every rule; all mutants are for the night.

    That the reference passes, by the same seed and as many examples, `test_suite_bites.py` proves.
    """
    chosen = [min(breaking(rule), key=lambda each: len(each.breaks)) for rule in RULES]
    matrix = run(tuple(dict.fromkeys(each.name for each in chosen)), (7,), reference=False)

    assert [*matrix.faults()] == []
