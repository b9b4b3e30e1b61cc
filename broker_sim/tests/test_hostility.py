"""The hostile profile as pure choice: which provocations are on, and how late things come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.core.dice import Dice
from broker_sim.core.hostility import BY_NAME, IN_ANSWERS, PLAIN, Profile, manners, profile

seeds = st.integers(0, 2**32)
numbers = st.integers(1, 2**40)


@given(seeds)
def test_the_whole_profile_has_every_provocation(seed: int) -> None:
    """Each by its odds."""
    assert profile(seed) == Profile(seed, frozenset(BY_NAME), whole=True)


@given(seeds, st.lists(st.sampled_from(sorted(BY_NAME)), max_size=3))
def test_named_provocations_are_in_every_answer(seed: int, names: list[str]) -> None:
    """And no others."""
    chosen = profile(seed, names)

    assert chosen == Profile(seed, frozenset(names), whole=False)
    answers = {one.name for one in IN_ANSWERS}
    assert chosen.drawn(Dice(seed, "answer")) == answers & set(names)


def test_an_unknown_provocation_is_named() -> None:
    """With those that there are."""
    first = next(iter(BY_NAME))
    with pytest.raises(ValueError, match=rf"^'only' must name .*\({first}, .*\); not 'no-such'$"):
        profile(1, [first, "no-such"])


def test_the_whole_profile_draws_each_by_its_odds() -> None:
    """Of many answers each has some, none has all of the time."""
    drawn = [profile(5).drawn(Dice(5, number)) for number in range(400)]
    for one in IN_ANSWERS:
        count = sum(one.name in names for names in drawn)
        assert 0.5 * 400 / one.one_in < count < 1.7 * 400 / one.one_in or one.one_in == 1, one.name


@given(seeds, numbers)
def test_late_things_come_within_fifteen_minutes_and_never_at_once(seed: int, number: int) -> None:
    """REC-1, PORTAL-5: by seed and session; recordings and surveys are late each for itself."""
    late = manners(profile(seed, ["late-recordings", "late-surveys"]))
    least = PLAIN.recording_takes(number)
    spans = (late.recording_takes(number) - least, late.survey_takes(number))

    for span in spans:
        assert timedelta(seconds=1) <= span <= timedelta(minutes=15)
    assert PLAIN.survey_takes(number) == timedelta(0)


def test_how_late_differs_by_seed_session_and_thing() -> None:
    """So that nobody learns it by heart."""
    one, other = (manners(profile(seed, ["late-recordings", "late-surveys"])) for seed in (1, 2))
    ids = range(50)

    assert len({one.survey_takes(number) for number in ids}) > 25
    assert len({one.recording_takes(number) for number in ids}) > 25
    assert [one.survey_takes(n) for n in ids] != [other.survey_takes(n) for n in ids]
    assert [one.survey_takes(n) for n in ids] != [one.recording_takes(n) for n in ids]


@given(seeds)
def test_a_name_switches_one_liberty_on(seed: int) -> None:
    """SESS-5: pages of two to nine only where they are asked for."""
    small = manners(profile(seed, ["small-pages"]))

    assert 2 <= small.page_max <= 9
    assert (small.late_recordings, small.late_surveys, small.no_replay_urls) == (False,) * 3
    surveys = manners(profile(seed, ["late-surveys"]))
    assert (surveys.page_max, surveys.late_surveys) == (limits.PAGE_MAX, True)
    assert not surveys.late_recordings
    assert manners(profile(seed, ["no-replay-urls"])).no_replay_urls
    assert manners(None) == PLAIN


def test_how_late_follows_from_the_seed_for_ever() -> None:
    """REC-1, PORTAL-5: whoever froze a seed in a test of theirs relies on it."""
    late = manners(profile(5))

    assert [late.survey_takes(n).total_seconds() for n in (1, 2, 3)] == [546, 628, 36]
    assert [late.recording_takes(n).total_seconds() for n in (1, 2, 3)] == [15, 112, 119]


def test_small_pages_have_two_to_nine_items_by_the_seed_for_ever() -> None:
    """SESS-5: every size occurs; whoever froze a seed in a test of theirs relies on it."""
    sizes = [manners(profile(seed, ["small-pages"])).page_max for seed in range(100)]

    assert sizes[:8] == [3, 8, 6, 9, 9, 7, 5, 2]
    assert set(sizes) == set(range(2, 10))
