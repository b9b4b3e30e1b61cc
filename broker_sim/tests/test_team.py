"""SEC-2: teams are parts of teams, and never of themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.core import team
from broker_sim.core.refusal import Refused

NAMES = ("a", "b", "c", "d", "e")
moves = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from((*NAMES, None))), max_size=20)


def is_under(name: str, other: str, parents: dict[str, str | None]) -> bool:
    """Walk up by hand."""
    while True:
        if name == other:
            return True
        parent = parents[name]
        if parent is None:
            return False
        name = parent


@given(moves)
def test_no_row_of_moves_makes_a_ring(wanted: list[tuple[str, str | None]]) -> None:
    """SEC-2: what is refused would have made one, what is not has made none."""
    parents: dict[str, str | None] = dict.fromkeys(NAMES)
    for name, parent in wanted:
        ring = parent is not None and is_under(parent, name, parents)
        try:
            team.refuse_ring(name, parent, parents)
        except Refused:
            assert ring
        else:
            assert not ring
            parents[name] = parent
        for one in NAMES:
            assert team.below(one, parents) == {n for n in NAMES if is_under(n, one, parents)}


@given(moves)
def test_the_list_has_every_team_once_below_what_it_is_in(
    wanted: list[tuple[str, str | None]],
) -> None:
    """SEC-2: with its depth."""
    parents: dict[str, str | None] = dict.fromkeys(NAMES)
    for name, parent in wanted:
        if parent is None or not is_under(parent, name, parents):
            parents[name] = parent
    shown = team.in_order(parents)

    assert sorted(name for name, _ in shown) == sorted(NAMES)
    for place, (name, depth) in enumerate(shown):
        assert depth == len(team.above(name, parents)) - 1
        if parents[name] is not None:
            assert parents[name] in [each for each, _ in shown[:place]]


def test_a_parent_that_is_not_there_is_refused() -> None:
    """SEC-2: as a team of that name is no team."""
    with pytest.raises(Refused) as refused:
        team.refuse_ring("a", "z", {"a": None})
    assert refused.value.extra == {"field": "parent", "reason": "there is no such team"}


def test_a_ring_is_refused_with_its_reason() -> None:
    """SEC-2: so that the page can say it beside the field."""
    with pytest.raises(Refused) as refused:
        team.refuse_ring("a", "b", {"a": None, "b": "a"})
    reason = "a team cannot be a part of itself, nor of one of its parts"
    assert refused.value.extra == {"field": "parent", "reason": reason}


def test_rows_that_are_a_ring_all_the_same_end() -> None:
    """SEC-2: an imported world may hold anything; no page hangs on it."""
    ring = {"a": "b", "b": "a"}

    assert team.above("a", ring) == ("a", "b")
    assert team.below("a", ring) == {"a", "b"}
    assert len(team.in_order(ring)) == 2


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([None, *"abcdef"])))
def test_a_team_has_itself_below_it_and_whatever_is_below_those(
    parents: dict[str, str | None],
) -> None:
    """SEC-2: even where teams are each other's parents."""
    found = team.below("a", parents)

    assert "a" in found
    assert all((parent in found) <= (name in found) for name, parent in parents.items())
    assert all(name == "a" or parents.get(name) in found for name in found)
