"""PORTAL-5: links that let a customer in, and nobody makes one up."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broker_sim.service import passes
from broker_sim.service.ports import World
from broker_sim.tests.worlds import world

numbers = st.integers(1, 10**18 - 1)
portals = st.text(min_size=1, max_size=20)


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world() as hands:
        yield hands.broker.world


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[World]:
    with world(seed=8) as hands:
        yield hands.broker.world


@given(number=numbers)
def test_a_pass_is_for_one_session_of_one_world(here: World, elsewhere: World, number: int) -> None:
    """PORTAL-5: another world's opens nothing here."""
    assert passes.session_of(here, passes.session_pass(here, number)) == number
    assert passes.session_of(here, passes.session_pass(elsewhere, number)) is None


@given(number=numbers, other=numbers, at=st.integers(0, 60), letter=st.sampled_from("Aa0_-.:é"))
def test_a_changed_pass_opens_nothing(
    here: World, number: int, other: int, at: int, letter: str
) -> None:
    """PORTAL-5: neither with another number nor with another letter."""
    right = passes.session_pass(here, number)
    wrong = right[:at] + letter + right[at + 1 :]
    assume(wrong != right and other != number)

    assert passes.session_of(here, wrong) is None
    assert passes.session_of(here, f"{other}.{right.partition('.')[2]}") is None


@given(text=st.text() | st.from_regex(r"[0-9]{0,30}\.[A-Za-z0-9_-]{0,60}", fullmatch=True))
def test_made_up_passes_open_nothing(here: World, text: str) -> None:
    """PORTAL-5: and are no error."""
    assert passes.session_of(here, text) is None


@given(number=numbers, portal=portals)
def test_the_token_of_a_survey_has_its_published_shape(
    here: World, number: int, portal: str
) -> None:
    """PORTAL-5: the id, a colon, 16 bytes in base64; a plus may have become a blank."""
    token = passes.survey_token(here, number, portal)
    known, _, chance = token.partition(":")

    assert int(known) == number
    assert len(base64.b64decode(chance, validate=True)) == 16
    assert passes.is_survey_token(here, number, portal, token)
    assert passes.is_survey_token(here, number, portal, token.replace("+", " "))


@given(number=numbers, portal=portals, other=portals, text=st.text())
def test_no_other_token_opens_a_survey(
    here: World, elsewhere: World, number: int, portal: str, other: str, text: str
) -> None:
    """PORTAL-5: of another session, portal or world, of the session's page, or made up."""
    assume(other != portal)
    wrong = [
        passes.survey_token(here, number + 1, portal),
        passes.survey_token(here, number, other),
        passes.survey_token(elsewhere, number, portal),
        passes.session_pass(here, number),
        text,
        f"{number}:",
        f"{number}:{base64.b64encode(bytes(16)).decode()}",
    ]
    assert not any(passes.is_survey_token(here, number, portal, token) for token in wrong)
