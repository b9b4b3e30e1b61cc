"""Clients that are wrong on purpose are caught, each by a case of the rule that it breaks."""

import json
from importlib import resources
from pathlib import Path

import pytest

from conformance.client.cases import CASES
from conformance.client.wrong.switches import WRONG
from conformance.mutants.__main__ import main
from conformance.mutants.client_table import DATA, FORMAT, TABLE, table
from conformance.mutants.clients import RULES, Kills, Trial, run, seen

ROOT = Path(str(resources.files("conformance"))).parent
QUICK = ("own-names", "downloads-all", "default-key-for-all", "end-included", "accepts-truncated")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_client_that_breaks_it(rule: str) -> None:
    """A rule without a wrong client is a rule whose cases nobody has checked."""
    assert any(each.breaks == rule for each in WRONG.values())


def test_some_are_caught_and_the_right_client_is_not() -> None:
    """The whole matrix is slow; here the quick ones stand for it."""
    kills = run(QUICK, (7,))

    assert [*kills.faults()] == []


def test_what_a_client_may_lack_is_no_fault_of_the_right_one() -> None:
    """C-NET-1: it goes through no proxy, and says so; it sees to certificates."""
    assert [*run(("tls-check-off",), (7,)).faults()] == []


def test_a_kill_counts_only_where_the_right_client_passes() -> None:
    """A case that fails on it, too, has caught nothing."""
    trials = (Trial("own-names", 1, "a_case"), Trial("own-names", 2, "a_case"))
    kills = Kills(("own-names",), (1, 2), {(2, "a_case"): "failed"}, trials)

    assert [trial.seed for trial in kills.kills("own-names")] == [1]
    assert len([*kills.faults()]) == 2


def test_the_published_matrix_is_that_of_these_clients() -> None:
    """What the table says was found for just these, and every one was caught."""
    told = json.loads((ROOT / DATA).read_text(encoding="utf-8"))
    listed = {row["name"]: (row["breaks"], row["doc"]) for row in told["clients"]}
    known = {case.name for case in CASES}

    assert told["format"] == FORMAT
    assert tuple(told["rules"]) == RULES
    assert listed == {each.name: (each.breaks, each.doc) for each in WRONG.values()}
    assert [row["name"] for row in told["clients"] if row["killed"] != told["seeds"]] == []
    assert {by for row in told["clients"] for by in row["by"]} <= known
    assert table(told) == (ROOT / TABLE).read_text(encoding="utf-8")


def test_an_unknown_switch_is_wrong_usage() -> None:
    """The names that there are are told."""
    assert main(["clients", "--only", "no-such-switch"]) == 3


@pytest.mark.slow(minutes=3)
def test_one_of_each_rule_is_caught() -> None:
    """And the right client is clean in every case of every rule; all switches are for the night."""
    chosen = [
        next(name for name, each in WRONG.items() if each.breaks == rule and seen(each))
        for rule in RULES
    ]

    assert [*run(chosen, (7,)).faults()] == []
