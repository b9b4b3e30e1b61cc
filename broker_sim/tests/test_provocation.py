"""Fault rules: which calls they fit and strike, against a model that only counts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import faults, kinds
from broker_sim.core import effects, provocation
from broker_sim.core.effects import Delay, Empty, Refuse, Sever, Status
from broker_sim.core.provocation import Called, Like, Rule, Standing, covers, fits, strike

CALL = Called("Sessions", "getSession", "api", {"sessionId": ("7",)}, frozenset({"NoSuchSession"}))
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)

rules = st.builds(
    Rule,
    id=st.sampled_from("abc"),
    effect=st.sampled_from([Status(503), Empty(), Sever()]),
    operation=st.sampled_from(["*", "getSession", "Sessions.getSession", "logon", "download"]),
    login=st.sampled_from([None, "api", "other"]),
    skip=st.integers(0, 4),
    times=st.none() | st.integers(0, 4),
    probability=st.sampled_from([0.0, 0.3, 1.0]),
    when=st.sampled_from(["before", "after"]),
    seed=st.none() | st.integers(0, 3),
)


def play(standings: tuple[Standing, ...], calls: int, seed: int) -> list[tuple[str, ...]]:
    struck = []
    for _ in range(calls):
        standings, result = strike(standings, CALL, seed)
        struck.append(result.rules)
    return struck


@given(skip=st.integers(0, 6), times=st.none() | st.integers(0, 6), calls=st.integers(0, 12))
def test_a_certain_rule_strikes_after_its_skip_and_so_often(
    skip: int, times: int | None, calls: int
) -> None:
    """Counted by hand: the calls [skip, skip + times)."""
    rule = Rule("r", Empty(), skip=skip, times=times)
    end = calls if times is None else skip + times

    struck = play((Standing(rule),), calls, 1)

    assert [bool(one) for one in struck] == [skip <= nth < end for nth in range(calls)]


@given(
    found=st.lists(rules, max_size=4, unique_by=lambda rule: rule.id),
    calls=st.integers(0, 12),
    seed=st.integers(0, 9),
)
def test_the_first_that_strikes_has_the_call(found: list[Rule], calls: int, seed: int) -> None:
    """One rule at most, in order; those behind it do not count; the same seed, the same strikes."""
    standings = tuple(map(Standing, found))
    model = {rule.id: [0, 0] for rule in found}

    for _ in range(calls):
        standings, result = strike(standings, CALL, seed)
        for rule in found:
            if not fits(rule, CALL):
                continue
            model[rule.id][0] += 1
            if result.rules == (rule.id,):
                model[rule.id][1] += 1
                assert rule.probability > 0
                assert model[rule.id][0] > rule.skip
                break
        assert len(result.rules) <= 1

    assert {one.rule.id: [one.fitted, one.struck] for one in standings} == model
    assert all(one.rule.times is None or one.struck <= one.rule.times for one in standings)
    assert play(tuple(map(Standing, found)), calls, seed) == play(
        tuple(map(Standing, found)), calls, seed
    )


def test_chance_keeps_its_odds_and_differs_by_rule_and_seed() -> None:
    """Three in ten of two thousand, give or take; never the same row for two rules or seeds."""
    rule = Rule("r", Empty(), probability=0.3)
    rows = [
        play((Standing(rule),), 2000, 1),
        play((Standing(replace(rule, id="s")),), 2000, 1),
        play((Standing(rule),), 2000, 2),
        play((Standing(replace(rule, seed=3)),), 2000, 2),
    ]

    counts = [sum(map(bool, row)) for row in rows]
    assert all(540 < found < 660 for found in counts)
    assert len({tuple(map(bool, row)) for row in rows}) == 4
    assert play((Standing(replace(rule, seed=2)),), 50, 9) == rows[2][:50]


def test_delays_add_up_and_the_call_goes_on_to_the_rules_behind() -> None:
    """Each delay waits on its own side of the commit; then the first other effect decides."""
    found = (
        Rule("a", Delay(1.5)),
        Rule("b", Delay(2), when="after"),
        Rule("c", Delay(0.25)),
        Rule("d", Empty(), when="after"),
        Rule("e", Delay(9)),
    )

    standings, result = strike(tuple(map(Standing, found)), CALL, 0)

    assert result.rules == ("a", "b", "c", "d")
    assert (result.wait_before, result.wait_after) == (1.75, 2)
    assert (result.effect, result.after, result.nth) == (Empty(), True, 1)
    assert [one.fitted for one in standings] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("*", "yes yes no"),
        ("getSession", "yes no no"),
        ("Sessions.getSession", "yes no no"),
        ("Sessions.*", "yes no no"),
        ("Agents.*", "no yes no"),
        ("Agents.logon", "no yes no"),
        ("logon", "no yes no"),
        ("download", "no no yes"),
        ("Session", "no no no"),
    ],
)
def test_a_rule_covers_what_it_names(pattern: str, covered: str) -> None:
    """`*` is every operation, but no download."""
    asked = [("Sessions", "getSession"), ("Agents", "logon"), ("", "download")]

    assert ["yes" if covers(pattern, *one) else "no" for one in asked] == covered.split()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule("r", Empty(), match={"sessionId": "7"}), True),
        (Rule("r", Empty(), match={"sessionId": "8"}), False),
        (Rule("r", Empty(), match={"sessionId": Like("*"), "max": Like("*")}), False),
        (Rule("r", Empty(), login="api", match={"sessionId": Like("7*")}), True),
        (Rule("r", Empty(), login="API"), False),
        (Rule("r", Empty(), "Sessions.getSession"), True),
        (Rule("r", Empty(), "Monitors.getSession"), False),
        (Rule("r", Refuse("NoSuchSession")), True),
        (Rule("r", Refuse("TooManyCodes")), False),
    ],
)
def test_a_rule_fits_by_login_fields_and_declared_faults(rule: Rule, expected: bool) -> None:
    """A fault strikes only where the contract has it, so the answer stays one of the WSDL's."""
    assert fits(rule, CALL) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        ("aa*aa", "aaa", False),
        ("aa*aa", "aaaa", True),
        ("a*b*a", "aa", False),
        ("a*b*c", "abbc", True),
        ("*ab*ab*", "abxab", True),
        ("*ab*ab*", "abab", True),
        ("*ab*ab*", "xab", False),
        ("*ab*ab*", "xxab", False),
        ("*ba*ab*", "bab", False),
        ("x*ab*b", "xab", False),
        ("x*ab*b", "xabb", True),
    ],
)
def test_no_letter_serves_two_pieces_of_a_pattern(pattern: str, text: str, *, wanted: bool) -> None:
    """Pieces stand one behind the other, in the text as in the pattern."""
    assert Like(pattern).fits(text) is wanted


@given(
    st.text(alphabet="ab*", max_size=8),
    st.text(alphabet="ab\n.", max_size=12) | st.text(alphabet="ab*", max_size=12),
)
def test_a_pattern_fits_as_a_regular_expression_would(pattern: str, text: str) -> None:
    """Every star is any characters, none among them."""
    wanted = ".*".join(map(re.escape, pattern.split("*")))

    assert Like(pattern).fits(text) is bool(re.fullmatch(wanted, text, re.DOTALL))


def test_no_pattern_takes_long() -> None:
    """What makes a backtracking matcher run for years takes milliseconds."""
    begun = perf_counter()

    assert not Like("a*" * 120 + "b").fits("a" * 100_000)
    assert perf_counter() - begun < 1


@pytest.mark.parametrize("fault", faults.ALL, ids=lambda fault: fault.code)
def test_every_fault_of_the_contract_can_be_provoked(fault: kinds.Fault) -> None:
    """FAULT-1: what is not said of its fields is filled in; its sentence is whole."""
    refused = effects.refusal(Refuse(fault.code), NOON)

    assert refused.fault is fault
    assert "{" not in refused.sentence
    texts = (kinds.Kind.TEXT, kinds.Kind.NAME)
    for one in fault.extra:
        unsaid = NOON if one.type is kinds.Kind.INSTANT else "provoked" if one.type in texts else 1
        assert refused.extra[one.name] == unsaid


def test_said_fields_go_before_filled_in_ones() -> None:
    """FAULT-1: by their Python names."""
    said = effects.refusal(Refuse("LockedOut", {"seconds_left": 17}), NOON)

    assert said.extra == {"seconds_left": 17}


def test_noise_follows_from_its_source() -> None:
    """The same rule and strike, the same bytes."""
    assert effects.noise(100, 1, "r", 1) == effects.noise(100, 1, "r", 1)
    assert effects.noise(100, 1, "r", 1) != effects.noise(100, 1, "r", 2)
    assert effects.noise(8, 1, "r", 1).hex() == "68188db08c7fa8e1"
    assert provocation.RULES_MOST == 100


def test_a_rule_strikes_below_its_probability_and_not_at_it() -> None:
    """So that 0 is never and 1 is always, whatever the draw."""
    drawn = provocation._chance(Rule("r", Empty()), 3, 1)
    for probability, struck in ((drawn, False), (drawn + 2**-48, True)):
        standing = Standing(Rule("r", Empty(), probability=probability))
        assert provocation.count(standing, 3)[1] is struck


def test_a_download_is_no_operation_of_a_service() -> None:
    """Neither by every operation's pattern, nor the other way round."""
    assert covers("download", "", "download")
    assert not covers("*", "", "download")
    assert covers("*", "Sessions", "download")
    assert covers("Sessions.*", "Sessions", "download")
