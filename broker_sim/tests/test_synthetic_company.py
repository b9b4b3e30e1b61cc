"""A seed gives a company that can work, and nobody in it is real."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from ipaddress import ip_address, ip_network

import faker
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.contract.sessions import PORTAL_TYPE
from broker_sim.synthetic import customers, freeze, glyphs, pools
from broker_sim.synthetic.chance import Draws, draw, mix
from broker_sim.synthetic.company import plan
from broker_sim.tests.synthetic_sessions import seeds

NETS = [ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
NETS.append(ip_network("10.0.0.0/8"))


@given(seeds, st.integers(1, 9), st.integers(1, 40))
@settings(max_examples=60)
def test_every_sub_portal_has_a_rep_of_a_team_that_serves_it(
    seed: int, portals: int, reps: int
) -> None:
    """PORTAL-3: each rep is in one team and serves what the team serves; no name twice."""
    made = plan(seed, portals=portals, reps=reps)
    teams = {team.name: team for team in made.teams}

    assert (len(made.portals), len(made.reps)) == (portals, reps)
    assert all(reps_of for _, _, reps_of in made.desks)
    # Somebody else to be transferred to, or to step in.
    wide = len(made.teams) > 1
    assert all(len({rep.team for rep in of}) > 1 for _, _, of in made.desks) == wide
    assert all(rep.sub_portals == teams[rep.team].sub_portals for rep in made.reps)
    assert all(rep.sub_portals for rep in made.reps)
    for names in (
        [portal.name for portal in made.portals],
        [portal.login.username for portal in made.portals],
        [rep.email for rep in made.reps],
        [rep.screen_name for rep in made.reps],
        [rep.ip for rep in made.reps],
        [team.name for team in made.teams],
    ):
        assert len(set(names)) == len(names)


@given(seeds)
@settings(max_examples=40)
def test_logins_can_be_typed_and_hard_lockouts_take_turns(seed: int) -> None:
    """LOGON-4: off at the first portal, on at the second; passwords by the product's own rule."""
    made = plan(seed, portals=4)

    assert [portal.hard_lockouts for portal in made.portals] == [False, True, False, True]
    for portal in made.portals:
        password = portal.login.password
        assert re.fullmatch(r"[A-Z][a-z]+-[A-Z][a-z]+-\d{4}", password)
        assert 8 <= len(password) <= 32
        assert re.fullmatch(r"[a-z0-9.]+", portal.login.username)
        assert re.fullmatch(r"[a-z0-9-]+", portal.name)
        assert portal.portal_type in PORTAL_TYPE.words
        assert len(set(portal.sub_portals)) == len(portal.sub_portals) >= 2


def test_a_company_without_portals_or_reps_is_refused() -> None:
    """A wrong number is our caller's mistake."""
    with pytest.raises(ValueError, match="at least one"):
        plan(1, portals=0)
    with pytest.raises(ValueError, match="at least one"):
        plan(1, reps=0)


@given(seeds)
@settings(max_examples=10)
def test_nobody_can_be_called_or_written_to(seed: int) -> None:
    """Invented persons only: reserved domains, 555-01xx, documentation or private addresses."""
    crowd = [customers.customer(seed, number) for number in range(60)]
    staff = plan(seed).reps

    for mail in [who.email for who in crowd] + [rep.email for rep in staff]:
        assert re.fullmatch(r"[a-z0-9.]+@[a-z0-9]+\.example", mail)
    for address in [who.ip for who in crowd] + [rep.ip for rep in staff]:
        assert any(ip_address(address) in net for net in NETS)
    assert all(re.fullmatch(r"\+1-\d{3}-555-01\d\d", who.phone) for who in crowd)


def test_no_two_customers_share_an_address() -> None:
    """An address stands for a customer's machine."""
    found = {customers.address(number) for number in range(customers.POPULATION * 3)}

    assert len(found) == customers.POPULATION * 3


def test_the_name_pools_are_what_the_pinned_release_gives() -> None:
    """The committed pools are complete; under the release they name, they come out the same."""
    kept = pools.data("pools.json")

    assert set(pools.people()) == set(pools.LOCALES) == set(freeze.LOCALES)
    for names in pools.people().values():
        assert min(map(len, (names.given, names.family, names.company, names.city))) >= 20
        typed = [part[1] for part in (*names.given, *names.family)]
        assert all(re.fullmatch("[a-z0-9]+", part) for part in typed)
    if kept["faker"] == faker.VERSION:
        assert freeze.POOLS.read_text(encoding="utf-8") == freeze.written(freeze.pools())


def test_scenes_have_all_they_need() -> None:
    """Every skill has troubles in every language, every occasion its phrases."""
    words = pools.words()
    kinds = {"c", "r", "file", "url", "diag", "screen", "unscreen", "reboot"}

    assert all(words.scenes.values())
    for scene in {id(s): s for scenes in words.scenes.values() for s in scenes}.values():
        assert {step.kind for step in scene.steps} <= kinds
        assert all(scene.questions)
        assert all(scene.comments)
    assert {frozenset(phrases) for phrases in words.phrases.values()} == {
        frozenset(("greet", "hello", "wait", "ok", "bye", "thanks", "wrong", "again", "unsolved"))
    }


def test_every_letter_of_names_and_lines_can_be_drawn() -> None:
    """Screens show no holes: names, troubles and phrases are all on the sheets."""
    text = json.dumps([pools.data("pools.json"), pools.data("scenes.json")], ensure_ascii=False)
    missing = {
        letter
        for letter in set(text)
        if letter.isprintable() and ord(letter) < 0x10000
        for _, glyph in glyphs.glyphs(letter)
        if glyph == next(glyphs.glyphs("\ufffd"))[1]
    }
    assert missing == set()


def test_names_are_read_from_data_and_faker_stays_away() -> None:
    """A running broker imports neither Faker nor Pillow for its synthetic world."""
    code = (
        "import sys\n"
        "from broker_sim.synthetic import content, past, traffic\n"
        "from broker_sim.tests.synthetic_sessions import whole\n"
        "for _, _, make in content.recordings(1, whole(1, 2)): list(make())\n"
        "print(sorted({'faker', 'PIL'} & set(sys.modules)))\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout == "[]\n"


def test_splitmix64_gives_its_published_numbers() -> None:
    """The reference implementation's first outputs for the state 1234567."""
    golden = 0x9E3779B97F4A7C15
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]

    assert [mix((1234567 + n * golden) % 2**64) for n in range(3)] == expected


@given(seeds, st.integers(1, 10**9), st.text(max_size=5))
def test_draws_stay_in_their_range_and_repeat(seed: int, end: int, purpose: str) -> None:
    """The same question has the same answer; another purpose has another."""
    one, two = Draws(seed, purpose, 3), Draws(seed, purpose, 3)
    numbers = [one.below(end) for _ in range(5)]

    assert numbers == [two.below(end) for _ in range(5)]
    assert all(0 <= number < end for number in numbers)
    assert 0 <= one.unit() < 1
    assert 5 <= one.between(5, 6) <= 6
    assert draw(seed, purpose) != draw(seed, f"{purpose}!")
