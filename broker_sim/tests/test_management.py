"""SEC-2: roles and what they may do, how long a login lives, under which name failures count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.core import access, management, staff
from broker_sim.core.management import POWERS, ROLE_NAMES, Power, Presence, Role
from broker_sim.core.refusal import Refused

START = datetime(2030, 1, 1, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
IDLE, STAYS = timedelta(minutes=20), timedelta(hours=12)
spans = st.timedeltas(timedelta(0), timedelta(hours=13))


@given(spans, spans)
def test_a_login_ends_idle_or_after_half_a_day_and_not_before(
    used: timedelta, on: timedelta
) -> None:
    """SEC-2: twenty minutes after the last use, twelve hours after the first; ends left out."""
    login = Presence(START, START + used)
    now = START + used + on

    assert management.is_live(login, now) == (on < IDLE and used + on < STAYS)


@pytest.mark.parametrize("edge", [IDLE, STAYS])
def test_the_edges_of_a_login(edge: timedelta) -> None:
    """SEC-2: a millisecond before, at, after."""
    login = Presence(START, START if edge == IDLE else START + STAYS - TICK)

    assert management.ends_at(login) == START + edge
    assert management.is_live(login, START + edge - TICK)
    assert not management.is_live(login, START + edge)
    assert not management.is_live(login, START + edge + TICK)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("power", Power)
def test_a_role_may_what_its_powers_say(role: Role, power: Power) -> None:
    """SEC-2: the table is the rule; the company manager may do everything."""
    assert (role in management.holders(power)) == (power in POWERS[role])
    assert power in POWERS[Role.COMPANY]
    if power in POWERS[role]:
        management.refuse_powerless(role, power)
    else:
        with pytest.raises(Refused, match="NotPermitted"):
            management.refuse_powerless(role, power)


def test_every_role_has_a_name_and_may_do_something() -> None:
    """SEC-2: nobody logs in to nothing."""
    assert set(ROLE_NAMES) == set(POWERS) == set(Role)
    assert all(Power.DASHBOARD in powers for powers in POWERS.values())


@given(st.text(max_size=20), st.text(max_size=20), st.text("0123456789abcdef.:", max_size=20))
def test_failures_count_for_nobody_else(manager: str, other: str, address: str) -> None:
    """LOGON-5, SEC-2: managers, representatives, API logins and addresses never share a name."""
    names = {
        management.account(manager),
        staff.account(other),
        access.canonical(other),
        management.guesser(address),
    }

    assert len(names) == 4 or (manager == "" and address == "" and len(names) >= 3)
    assert management.email_of(management.account(manager)) == access.canonical(manager)
    assert management.is_account(management.account(manager))
    assert not management.is_account(staff.account(other))
    assert not management.is_account(management.guesser(address))
    assert not staff.is_account(management.account(manager))


@pytest.mark.parametrize(("seconds", "worth"), [(0, False), (0.999, False), (1, True), (60, True)])
def test_a_use_is_noted_a_second_after_the_last(seconds: float, *, worth: bool) -> None:
    """SEC-2: not sooner; each is a write."""
    login = Presence(START, START + STAYS / 2)

    assert management.is_worth_noting(login, login.last_used + seconds * 1000 * TICK) is worth
