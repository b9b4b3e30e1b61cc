"""SEC-2, LOGON-5: what is changed while a password is compared, which is slow, is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from broker_sim.core import staff
from broker_sim.core.lockout import Open
from broker_sim.core.management import Role, account
from broker_sim.core.refusal import Refused
from broker_sim.service import manager_login, manager_people, manager_staff
from broker_sim.service.manager_login import LoggedIn
from broker_sim.service.manager_storage import Manager
from broker_sim.service.ports import World
from broker_sim.service.storage import Login
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.desks import desks
from broker_sim.tests.manager_cast import GOOD, Cast
from broker_sim.tests.managers_in import password_of
from broker_sim.tests.refusals import code_of
from broker_sim.tests.worlds import Hands, value_of
from broker_sim.tests.worlds import world as world_of

OTHER = "Some-Other-88"
ADDRESS = "192.0.2.7"


class Meddled:
    """A vault during whose first comparison something else happens."""

    def __init__(self, vault: Any, happens: Callable[[], object]) -> None:
        self._vault = vault
        self._left = [happens]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vault, name)

    def check_password(self, password: str, stored: str | None) -> bool:
        right: bool = self._vault.check_password(password, stored)
        while self._left:
            self._left.pop()()
        return right


def meddled(world: World, happens: Callable[[], object]) -> World:
    """Give the same world, in which that happens during the next comparison."""
    vault: Any = Meddled(world.vault, happens)
    return replace(world, vault=vault)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def admitted(cast: Cast, role: Role) -> tuple[LoggedIn, str]:
    """Give the login of a seeded manager, and its password."""
    email, password = password_of(cast.made, role)
    who = manager_login.admit(
        cast.world, manager_login.log_in(cast.world, email, password, ADDRESS)
    )
    assert who is not None
    return who, password


def stored(cast: Cast, email: str) -> Manager | None:
    with cast.world.store.reading() as tx:
        return tx.manager(email)


@pytest.mark.parametrize("role", [Role.API, Role.REPRESENTATIVE])
def test_who_is_removed_meanwhile_stays_removed(cast: Cast, role: Role) -> None:
    """SEC-2: a new password is none's who is no manager any more, nor its desk's."""
    who, password = admitted(cast, role)
    email, by = who.manager.email, cast.managers[Role.COMPANY]
    world = meddled(cast.world, lambda: manager_people.remove(cast.world, by, email))
    with cast.world.store.reading() as tx:
        member = tx.member(email)
    with pytest.raises(Refused, match="NotPermitted"):
        manager_login.change_password(world, who, password, OTHER)

    assert stored(cast, email) is None
    with cast.world.store.reading() as tx:
        assert tx.member(email) == member


def test_who_has_another_role_meanwhile_keeps_that(cast: Cast) -> None:
    """SEC-2: a new password changes nothing else."""
    who, password = admitted(cast, Role.API)
    email, by = who.manager.email, cast.managers[Role.COMPANY]
    less = Manager(email, "Other", Role.TEAM, "Field Team", "")
    world = meddled(cast.world, lambda: manager_people.change(cast.world, by, less))
    manager_login.change_password(world, who, password, OTHER)

    now = stored(cast, email)
    assert now is not None
    assert replace(now, password_hash="") == less
    assert manager_login.log_in(cast.world, email, OTHER, ADDRESS)


@pytest.mark.parametrize("role", [Role.API, Role.REPRESENTATIVE])
def test_the_password_before_changes_none_that_was_given_meanwhile(cast: Cast, role: Role) -> None:
    """SEC-2: it is the present one no more; the one that was given holds."""
    who, password = admitted(cast, role)
    email = who.manager.email
    world = meddled(cast.world, lambda: given_anew(cast, role, email))
    with pytest.raises(Refused, match="not your present password"):
        manager_login.change_password(world, who, password, OTHER)

    assert manager_login.log_in(cast.world, email, GOOD, ADDRESS)


@pytest.mark.parametrize("role", [Role.API, Role.REPRESENTATIVE])
def test_a_login_with_the_password_before_fails_once_another_is_given(
    cast: Cast, role: Role
) -> None:
    """SEC-2, LOGON-5: and counts as one with a wrong password."""
    email, password = password_of(cast.made, role)
    world = meddled(cast.world, lambda: given_anew(cast, role, email))
    with pytest.raises(Refused, match="InvalidCredentials"):
        manager_login.log_in(world, email, password, ADDRESS)

    with cast.world.store.reading() as tx:
        assert tx.lockout(account(email)) == Open(1)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Hands]:
    """Give a world whose hashes are slow, so that a comparison is handed out."""
    with world_of(tmp_path, for_tests=False) as made:
        yield made


def test_an_api_login_with_the_password_before_fails_once_another_is_given(slow: Hands) -> None:
    """LOGON-5: it counts as one with a wrong password."""
    begun = slow.begin("logon", username=slow.username, password=slow.password)
    hashed = slow.broker.world.vault.hash_password(GOOD)
    with slow.broker.store.writing() as tx:
        tx.add_login(Login(slow.username, slow.portal, hashed))

    assert code_of(partial(value_of, begun)) == "InvalidCredentials"
    with slow.broker.store.reading() as tx:
        assert tx.lockout(slow.username) == Open(1)
    assert code_of(partial(slow.logon, GOOD)) is None


def test_a_desk_with_the_password_before_stays_shut_once_another_is_given(slow: Hands) -> None:
    """LOGON-5, AGENT-1: it counts as one with a wrong password."""
    amy = desks(slow)[0]
    right = slow.broker.rep_logins()[0]["password"]
    begun = amy.begin("logon", username=amy.email, password=right)
    with slow.broker.store.writing() as tx:
        tx.set_rep_password(amy.email, slow.broker.world.vault.hash_password(GOOD))

    assert code_of(partial(value_of, begun)) == "InvalidCredentials"
    with slow.broker.store.reading() as tx:
        assert tx.lockout(staff.account(amy.email)) == Open(1)
    assert code_of(partial(amy.logon, GOOD)) is None


def given_anew(cast: Cast, role: Role, email: str) -> None:
    """Let the company manager give that manager another password."""
    by = cast.managers[Role.COMPANY]
    give = manager_staff if role is Role.REPRESENTATIVE else manager_people
    give.reset_password(cast.world, by, email, GOOD)
