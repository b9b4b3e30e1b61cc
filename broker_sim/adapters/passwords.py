"""Hash passwords so that a stolen table is slow to guess, and check them.

Nothing here draws chance: salts come in from the Entropy port. The work releases the
interpreter lock, so a served logon does it in a thread.

Source: SEC-1, LOGON-2.
"""

import base64
import functools
import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from typing import Final

NAME: Final = "scrypt"
QUICK_NAME: Final = "blake2b"
SALT_BYTES: Final = 16
DIGEST_BYTES: Final = 32
NOT_STORED: Final = "not a stored password"  # and not which: REC-7


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """What one guess costs: scrypt with `n` rounds (a power of two) on 128 * n * r bytes, p times.

    With one round there is nothing slow about scrypt but its set-up: `n` = 1 is one salted
    BLAKE2b instead, a microsecond.

    Source: SEC-1.
    """

    n: int = 2**14
    r: int = 8
    p: int = 1


SERVED: Final = PasswordCost()
FOR_TESTS: Final = PasswordCost(n=1, r=1)
# As worlds for tests are made, and as they were made at first.
_QUICK: Final = (f"{QUICK_NAME}$", f"{NAME}$2$1$1$")


def hash_password(password: str, salt: bytes, cost: PasswordCost = SERVED) -> str:
    """Hash a password as `scrypt$n$r$p$salt$hash`; `salt` is 16 random bytes.

    Where `n` is 1 the first word is `blake2b`.

    NFC-normalised, so it does not matter how an accent was typed. `FOR_TESTS` is for worlds made
    for tests; served mode asks `cost_of` and refuses it.

    Source: SEC-1.
    """
    return _stored(cost, salt, _digest(password, salt, cost))


def check_password(password: str, stored: str) -> bool:
    """Is this the password? Costs what the stored hash says, whether right or wrong.

    Raises:
        ValueError: `stored` was not written by `hash_password`.

    Source: SEC-1, LOGON-2.
    """
    cost, salt, digest = _parse(stored)
    return hmac.compare_digest(_digest(password, salt, cost), digest)


def decoy(cost: PasswordCost = SERVED) -> str:
    """Give a stored hash that no password opens, to be checked where a name is unknown.

    The check then takes the same work as for a known name.

    Source: LOGON-2.
    """
    return _stored(cost, bytes(SALT_BYTES), bytes(DIGEST_BYTES))


def cost_of(stored: str) -> PasswordCost:
    """Say what one guess at this stored hash costs.

    Raises:
        ValueError: `stored` was not written by `hash_password`.

    Source: SEC-1.
    """
    return _parse(stored)[0]


def is_quick(stored: str) -> bool:
    """Tell whether a check takes so little time that nobody need wait for it: `FOR_TESTS`."""
    return stored.startswith(_QUICK)


def _digest(password: str, salt: bytes, cost: PasswordCost) -> bytes:
    # a lone surrogate, which JSON can bring in, is a wrong password and no error
    secret = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    if cost.n == 1:
        return hashlib.blake2b(secret, salt=salt, digest_size=DIGEST_BYTES).digest()
    # twice the memory scrypt needs: the library counts some more, and refuses at its bound
    memory = max(2**20, 256 * cost.n * cost.r)
    return hashlib.scrypt(
        secret, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=memory, dklen=DIGEST_BYTES
    )


def _stored(cost: PasswordCost, salt: bytes, digest: bytes) -> str:
    texts = (base64.b64encode(part).decode() for part in (salt, digest))
    name = QUICK_NAME if cost.n == 1 else NAME
    return "$".join((name, str(cost.n), str(cost.r), str(cost.p), *texts))


@functools.lru_cache(1024)  # a login is asked for again and again
def _parse(stored: str) -> tuple[PasswordCost, bytes, bytes]:
    try:
        name, n, r, p, *encoded = stored.split("$")
        salt, digest = (base64.b64decode(part, validate=True) for part in encoded)
        cost = PasswordCost(int(n), int(r), int(p))
    except ValueError:
        raise ValueError(NOT_STORED) from None
    if name != (QUICK_NAME if cost.n == 1 else NAME) or len(digest) != DIGEST_BYTES:
        raise ValueError(NOT_STORED)
    return cost, salt, digest
