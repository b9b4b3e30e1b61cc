"""SEC-1, LOGON-2: passwords are stored salted and slow-hashed, and told apart by nothing else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.adapters import passwords
from broker_sim.adapters.passwords import FOR_TESTS, SERVED, PasswordCost

SALT = bytes(range(16))


@given(password=st.text(max_size=40), salt=st.binary(min_size=16, max_size=16))
def test_a_password_opens_its_own_hash(password: str, salt: bytes) -> None:
    """SEC-1: the right one, and not the right one with something added."""
    stored = passwords.hash_password(password, salt, FOR_TESTS)

    assert passwords.check_password(password, stored)
    assert not passwords.check_password(password + "x", stored)


def test_the_hash_is_that_of_the_rfc() -> None:
    """SEC-1: scrypt at the served cost; RFC 7914, 12, third example, first half."""
    stored = passwords.hash_password("pleaseletmein", b"SodiumChloride")
    digest = bytes.fromhex("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2")
    salt = base64.b64encode(b"SodiumChloride").decode()

    assert stored == f"scrypt$16384$8$1${salt}${base64.b64encode(digest).decode()}"
    assert passwords.cost_of(stored) == SERVED


def test_the_salt_tells_equal_passwords_apart() -> None:
    """SEC-1: a stolen table does not show who has the same password."""
    stored = {passwords.hash_password("same", bytes([n]) * 16, FOR_TESTS) for n in range(8)}

    assert len(stored) == 8


def test_a_password_opens_however_its_accents_were_typed() -> None:
    """SEC-1: composed or decomposed."""
    stored = passwords.hash_password("Gr\u00fcn", SALT, FOR_TESTS)

    assert passwords.check_password("Gru\u0308n", stored)
    assert not passwords.check_password("Grun", stored)


def test_a_lone_surrogate_is_a_wrong_password_and_no_error() -> None:
    """LOGON-2: JSON can carry one."""
    assert not passwords.check_password("\ud800", passwords.decoy(FOR_TESTS))


def test_only_a_world_for_tests_is_quick_however_old_it_is() -> None:
    """SEC-1: a served hash is slow; a world for tests that was made with two rounds still opens."""
    old = passwords.hash_password("right", SALT, PasswordCost(n=2, r=1))

    assert passwords.check_password("right", old)
    assert passwords.is_quick(old)
    assert passwords.is_quick(passwords.hash_password("right", SALT, FOR_TESTS))
    assert not passwords.is_quick(passwords.hash_password("right", SALT, SERVED))


@given(password=st.text(max_size=40))
def test_the_decoy_opens_to_nobody(password: str) -> None:
    """LOGON-2: an unknown name has no password."""
    assert not passwords.check_password(password, passwords.decoy(FOR_TESTS))


@pytest.mark.parametrize("cost", [FOR_TESTS, PasswordCost(n=16), SERVED])
def test_the_decoy_costs_what_a_real_hash_costs(cost: PasswordCost) -> None:
    """LOGON-2: an unknown user takes the same work."""
    real = passwords.hash_password("right", SALT, cost)

    assert passwords.cost_of(passwords.decoy(cost)) == passwords.cost_of(real) == cost
    assert len(passwords.decoy(cost)) == len(real)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "secret",
        passwords.decoy(SERVED).replace("scrypt", "bcrypt"),
        passwords.decoy(SERVED).replace("scrypt", "blake2b"),
        passwords.decoy(FOR_TESTS).replace("blake2b", "scrypt"),
        passwords.decoy(FOR_TESTS).replace("$1$", "$one$"),
        passwords.decoy(FOR_TESTS)[:-8],
        passwords.decoy(FOR_TESTS).rpartition("$")[0],
        passwords.decoy(FOR_TESTS) + "$",
    ],
)
def test_what_is_not_a_stored_hash_is_our_mistake_and_is_not_shown(stored: str) -> None:
    """SEC-1, REC-7: a damaged row is an error, never a wrong password."""
    with pytest.raises(ValueError, match="not a stored password") as caught:
        passwords.check_password("right", stored)

    assert not stored or stored not in str(caught.value)
