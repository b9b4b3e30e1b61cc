"""SEC-2: which passwords may be chosen in the Management Center."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.core import password
from broker_sim.core.refusal import Refused
from broker_sim.synthetic.company import plan
from broker_sim.tests.synthetic_sessions import seeds

LOGIN, NAME = "eva.example@oakhurst.example", "Eva Example-Ølsen"
KINDS = {
    "capital": st.sampled_from("QWZÄØ"),
    "small": st.sampled_from("qwzäß"),
    "digit": st.sampled_from("0189٣"),
    "other": st.sampled_from("-_ !€漢🙂"),
}


@st.composite
def of_kinds(draw: st.DrawFn, kinds: int, least: int = 8, most: int = 32) -> str:
    """Give a password of so many kinds of characters; none of them can spell a name."""
    chosen = draw(st.permutations(sorted(KINDS)))[:kinds]
    length = draw(st.integers(max(least, kinds), most))
    first = [draw(KINDS[kind]) for kind in chosen]
    rest = [draw(KINDS[draw(st.sampled_from(chosen))]) for _ in range(length - kinds)]
    return "".join(draw(st.permutations(first + rest)))


@given(of_kinds(3) | of_kinds(4))
def test_three_kinds_of_characters_do(chosen: str) -> None:
    """SEC-2: 8 to 32 characters of three kinds."""
    assert password.wrong_with(chosen, LOGIN, NAME) is None


@given(of_kinds(1) | of_kinds(2))
def test_two_kinds_do_not(chosen: str) -> None:
    """SEC-2: however long it is."""
    wanted = "it needs three of these: capital letters, small letters, digits, other characters"
    assert password.wrong_with(chosen, LOGIN, NAME) == wanted


@pytest.mark.parametrize(("letter", "count"), [("A", 1), ("a", 1), ("7", 1), ("!", 1), ("ǅ", 1)])
def test_a_character_is_of_one_kind(letter: str, count: int) -> None:
    """SEC-2: a letter in title case, which is neither capital nor small to Python, is capital."""
    assert password.kinds(letter) == count
    assert password.kinds("ǅA") == 1


@pytest.mark.parametrize("length", [0, 7, 8, 32, 33])
def test_the_length_counts_in_characters_at_both_ends(length: int) -> None:
    """SEC-2: limit - 1, limit, limit + 1; an umlaut is one character."""
    chosen = ("Äq1-" * 9)[:length]

    wrong = password.wrong_with(chosen, LOGIN, NAME)
    assert (wrong is None) == (limits.PASSWORD_MIN <= length <= limits.PASSWORD_MAX)


@given(
    st.sampled_from([LOGIN, "eva.example", "Eva", "example", "Ølsen", "ØLSEN", "eva example"]),
    st.sampled_from(["9-W", "Z1!"]),
    st.booleans(),
    st.booleans(),
)
def test_no_part_of_login_or_name_may_be_in_it(
    part: str, tail: str, upper: bool, first: bool
) -> None:
    """SEC-2: in any case, at either end."""
    part = part.upper() if upper else part
    chosen = (part + tail + "qwert") if first else ("qwert" + tail + part)

    assert password.wrong_with(chosen[: limits.PASSWORD_MAX], LOGIN, NAME) is not None


def test_a_short_word_of_a_name_may_be_in_it() -> None:
    """SEC-2: who is called Bo Li need not do without all words with "li"; with three letters so."""
    assert password.wrong_with("Sunlight-12", "boss@x.example", "Bo Li") is None
    assert password.wrong_with("Sunlight-12", "boss@x.example", "Bo Lig") is not None


def test_a_short_part_of_a_login_may_be_in_it() -> None:
    """SEC-2: a login called x.api forbids no word with "api" in it, only itself."""
    assert password.wrong_with("Rapid-Fox-12", "helpdesk.api", "") is None
    assert password.wrong_with("Helpdesk.api-12", "helpdesk.api", "") is not None


def test_the_refusal_names_the_field() -> None:
    """SEC-2: so that the page can say it beside it."""
    with pytest.raises(Refused) as refused:
        password.refuse_weak("newPassword", "short", LOGIN, NAME)

    reason = password.wrong_with("short", LOGIN, NAME)
    assert refused.value.extra == {"field": "newPassword", "reason": reason}


@pytest.mark.parametrize("secret", ["Clara@x.example-12", "Has-Clara-in-it-1", "Berta-Roe-12"])
def test_login_and_name_are_refused_wherever_they_stand(secret: str) -> None:
    """SEC-2: the whole login, what stands before its first @, and the name."""
    with pytest.raises(Refused) as refused:
        password.refuse_weak("password", secret, "clara@x.example", "Berta Roe")
    reason = "it must not have the login or a part of the name in it"
    assert refused.value.extra == {"field": "password", "reason": reason}


def test_before_the_at_is_before_the_first_one() -> None:
    """SEC-2: an address has one; of what has two, the shorter part is looked for."""
    assert password.wrong_with("Clara-went-12", "clara@b@x.example", "") is not None


@given(seeds)
def test_every_seeded_manager_has_a_name_a_role_and_a_password(seed: int) -> None:
    """SEC-2: one of each role; nobody's address is another's but the representative's own."""
    made = plan(seed)
    emails = [each.email for each in made.managers]

    assert [each.role for each in made.managers] == ["company", "api", "team", "representative"]
    assert len(set(emails)) == len(emails)
    assert [email for email in emails if email in {rep.email for rep in made.reps}] == emails[3:]
    assert made.managers[2].team in {team.name for team in made.teams}
    assert {team.parent for team in made.teams} <= {None} | {team.name for team in made.teams}
    assert password.kinds(made.manager_password) >= limits.PASSWORD_KINDS
