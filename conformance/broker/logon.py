"""LOGON-1 and LOGON-2: who gets in, and how little a refusal tells."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from conformance.bench import MILLISECOND, WRONG, Bench, Place
from conformance.caller import Outcome
from conformance.hands import Hands, verb
from conformance.model import OPENED, Account
from conformance.patterns import Between, fault, gives
from conformance.properties import judges
from conformance.strategies import EDGES

WRONG_PASSWORD: Final = fault("InvalidCredentials")

# Enough ids to measure the chance in them; the estimate may err by a few bits either way.
_IDS: Final = 256
_BITS: Final = 128
_ERROR_BITS: Final = 8


def attempt(bench: Bench, place: Place, password: str, *, name: str | None = None) -> Outcome:
    """Try to log on."""
    return bench.call("logon", username=name or place.username, password=password)


def leave(bench: Bench, outcome: Outcome) -> None:
    """Log off again after a logon that may have worked."""
    if isinstance(outcome.get("gives"), str):
        bench.call("logoff", connection_id=outcome["gives"])


@verb
def collect_ids(hands: Hands, /, *, username: str, password: str, count: int) -> Outcome:
    """Log on and off so many times; tell how hard the ids are to guess."""
    ids = []
    for _ in range(count):
        outcome = hands.call("logon", username=username, password=password)
        if not isinstance(outcome.get("gives"), str):
            return outcome
        ids.append(outcome["gives"])
        hands.call("logoff", connection_id=outcome["gives"])
    in_order = ids == sorted(ids)
    return {"gives": {"ids": len(set(ids)), "bits": int(_bits(ids)), "in_order": in_order}}


def _bits(ids: list[str]) -> float:
    """Estimate the chance in an id, in bits: the entropy of each place, added up.

    With Miller and Madow's correction, for a sample shows too little of a large alphabet.
    """
    total = 0.0
    for letters in zip(*ids, strict=False):
        counts = Counter(letters)
        total -= sum(n / len(ids) * math.log2(n / len(ids)) for n in counts.values())
        total += (len(counts) - 1) / (2 * len(ids) * math.log(2))
    return total


_HARD_TO_GUESS: Final = "many ids, all new and hard to guess"


@judges(
    {"LOGON-1": ("right credentials open a connection", _HARD_TO_GUESS)},
    exactly=1,
)
def ids_are_new_and_hard_to_guess(bench: Bench, data: st.DataObject) -> None:
    """LOGON-1: right credentials open a connection; its id holds 128 bits of chance."""
    del data
    place = bench.place(fresh=False)
    outcome = attempt(bench, place, place.password)
    bench.expect("LOGON-1", OPENED, case="right credentials open a connection")
    leave(bench, outcome)
    bench.do("collect_ids", username=place.username, password=place.password, count=_IDS)
    enough = Between(_BITS - _ERROR_BITS, 100_000)
    wanted = {"ids": _IDS, "bits": enough, "in_order": False}
    bench.expect("LOGON-1", gives(wanted), case=_HARD_TO_GUESS)


_STEPS: Final = st.lists(
    st.sampled_from(("wrong", "wrong", "wrong", "edge -1", "edge 0", "edge 1")),
    min_size=3,
    max_size=14,
)


@verb
def try_both(hands: Hands, /, *, known: str, unknown: str, password: str) -> Outcome:
    """Try a wrong password on a known and on an unknown name; tell whether they look alike."""
    outcomes = [hands.call("logon", username=name, password=password) for name in (known, unknown)]
    alike = _masked(outcomes[0], known) == _masked(outcomes[1], unknown)
    return {"gives": {"alike": alike, "known": outcomes[0], "unknown": outcomes[1]}}


def _masked(outcome: Outcome, name: str) -> Outcome:
    return {**outcome, "message": str(outcome.get("message")).replace(name, "*")}


_ALIKE: Final = "a wrong password and an unknown user look the same"
_LOCK_ALIKE: Final = "both lock alike"
_OPEN_ALIKE: Final = "both open alike"
_SHORTEST: Final = ["wrong"] * 4
_TOURS: Final = [[*_SHORTEST, f"edge {side}", "wrong", "wrong"] for side in EDGES]


@judges({"LOGON-2": (_ALIKE, _LOCK_ALIKE, _OPEN_ALIKE)}, exactly=len(_TOURS))
def unknown_users_lock_like_known_ones(bench: Bench, data: st.DataObject) -> None:
    """LOGON-2: three failures lock an unknown name as they lock a known one, and as long."""
    _try_both_ways(bench, data.draw(st.sampled_from(_TOURS), label="steps"))


@judges({"LOGON-2": ()})
def unknown_users_look_like_known_ones(bench: Bench, data: st.DataObject) -> None:
    """LOGON-2: whatever is tried, an unknown name answers as a known one does."""
    _try_both_ways(bench, data.draw(_STEPS, label="steps"))


def _try_both_ways(bench: Bench, steps: Sequence[str]) -> None:
    place, unknown = bench.place(), bench.name("user")
    account = Account()
    for step in steps:
        if step != "wrong":
            if account.locked_until is not None:
                bench.advance(account.locked_until + int(step[5:]) * MILLISECOND)
            continue
        locked = account.locked(bench.now)
        reopened = account.locked_until is not None and not locked
        allowed = (WRONG_PASSWORD,) if not locked else (fault("LockedOut"),)
        if not locked:
            allowed = account.fail(bench.now)
        bench.do("try_both", known=place.username, unknown=unknown, password=WRONG)
        pairs = ({"alike": True, "known": each, "unknown": each} for each in allowed)
        bench.expect("LOGON-2", *map(gives, pairs))
        bench.passed("LOGON-2", _case_alike(locked=locked, reopened=reopened))


def _case_alike(*, locked: bool, reopened: bool) -> str:
    if locked:
        return _LOCK_ALIKE
    return _OPEN_ALIKE if reopened else _ALIKE


def _near_misses(password: str) -> dict[str, str]:
    return {
        "cut by a letter": password[:-1],
        "longer by a letter": f"{password}x",
        "its first eight letters": password[:8],
        "another ending": f"{password[:8]}{'x' * (len(password) - 8)}",
        "another case": password.swapcase(),
        "a space behind": f"{password} ",
        "a space before": f" {password}",
        "a wildcard": "%",
        "the user name": "",
    }


_NEAR: Final = "passwords that are nearly right are wrong"


@judges({"LOGON-2": (_NEAR,)}, exactly=len(_near_misses("")))
def nearly_right_is_wrong(bench: Bench, data: st.DataObject) -> None:
    """LOGON-2: a password that differs anywhere is a wrong password."""
    place = bench.place()
    how = data.draw(st.sampled_from(sorted(_near_misses(place.password))), label="how")
    attempt(bench, place, _near_misses(place.password)[how] or place.username)
    bench.expect("LOGON-2", WRONG_PASSWORD, case=_NEAR)
