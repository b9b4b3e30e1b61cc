"""LOGON-2, LOGON-3: which logons fail, and that each counts, whenever and wherever it was tried."""

from contextlib import suppress
from datetime import timedelta
from itertools import product
from typing import Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import RIGHT, WRONG, Bench, Place
from conformance.broker.locks import fail_up_to
from conformance.broker.logon import WRONG_PASSWORD, attempt, leave
from conformance.caller import Outcome
from conformance.exchange import Unreachable
from conformance.model import OPENED, Account
from conformance.patterns import gives
from conformance.properties import judges

_FAR: Final = "failures far apart count together"
_PAUSES: Final = (timedelta(hours=1), timedelta(days=1), timedelta(days=31))


@judges({"LOGON-3": (_FAR,)}, exactly=2 * len(_PAUSES))
def failures_far_apart_count_together(bench: Bench, data: st.DataObject) -> None:
    """LOGON-3: in a row is in a row, however long the pause; only a success clears the count."""
    before, pause = data.draw(st.sampled_from([*product((2, 5), _PAUSES)]), label="failures, pause")
    place, account = bench.place(), Account()
    fail_up_to(bench, place, account, before)
    bench.advance(bench.now + pause)
    attempt(bench, place, WRONG)
    bench.expect("LOGON-3", *account.fail(bench.now))
    attempt(bench, place, RIGHT)
    bench.expect("LOGON-3", account.refusal(bench.now), case=_FAR)


_WRONG_ALL_THE_SAME: Final = "a wrong password is wrong while its login is logged on"
_NO_LOGON: Final = "calls on a connection clear no count"


@judges({"LOGON-2": (_WRONG_ALL_THE_SAME,), "LOGON-3": (_NO_LOGON,)}, exactly=1)
def failures_count_beside_a_connection(bench: Bench, data: st.DataObject) -> None:
    """LOGON-2, LOGON-3: while a login is logged on, a failed logon is told as one, and counts."""
    del data
    place, account = bench.place(), Account()
    connection = bench.connect(place)
    for _ in range(limits.SOFT_LOCK_AFTER):
        attempt(bench, place, WRONG)
        bench.expect("LOGON-2", *account.fail(bench.now), case=_WRONG_ALL_THE_SAME)
        bench.call("getLastUpdateId", connection_id=connection)
    attempt(bench, place, RIGHT)
    bench.expect("LOGON-3", account.refusal(bench.now), case=_NO_LOGON)


def doors(bench: Bench) -> list[str]:
    """Give the services that an API login logs on to, as far as the target publishes them."""
    found = ["Sessions"]
    for name in ("Monitors", "PhoneMode"):
        with suppress(Unreachable):
            bench.hands.target.service(name)
            found.append(name)
    return found


def attempt_at(bench: Bench, door: str, place: Place, password: str) -> Outcome:
    """Try to log on to one of the services."""
    return bench.call("logon", service=door, username=place.username, password=password)


_ANY_DOOR: Final = "whichever service was asked, failures count together"


@judges({"LOGON-3": (_ANY_DOOR,)}, exactly=3)
def failures_at_all_services_count_together(bench: Bench, data: st.DataObject) -> None:
    """LOGON-3: it is the login that is locked, and not one service's door."""
    first = data.draw(st.sampled_from(range(3)), label="first service")
    place, account, known = bench.place(), Account(), doors(bench)
    for turn in range(limits.SOFT_LOCK_AFTER):
        attempt_at(bench, known[(first + turn) % len(known)], place, WRONG)
        bench.expect("LOGON-3", *account.fail(bench.now))
    for door in known:
        attempt_at(bench, door, place, RIGHT)
        bench.expect("LOGON-3", account.refusal(bench.now), case=_ANY_DOOR)


_SPELT: Final = "spellings of an unknown name count as those of a known one do"
_SPELLINGS: Final = (str, str.upper, str.title, str)


@judges({"LOGON-2": (_SPELT,)}, exactly=1)
def unknown_names_are_spelt_like_known_ones(bench: Bench, data: st.DataObject) -> None:
    """LOGON-2: if spellings of a known name count together, those of an unknown one do, too."""
    del data
    place, unknown = bench.place(), bench.name("user")
    for spelt in _SPELLINGS:
        names = {"known": spelt(place.username), "unknown": spelt(unknown)}
        bench.do("try_both", password=WRONG, **names)
        bench.expect("LOGON-2", gives({"alike": True}))
    bench.passed("LOGON-2", _SPELT)


# By what they differ in: two passwords that are short enough to be one.
_ALMOST: Final = {
    "behind 72 bytes": ("x" * 80 + "1", "x" * 80 + "2"),
    "in the last of 255 letters": ("x" * 254 + "1", "x" * 254 + "2"),
    "in a letter beyond ASCII": ("Gärtnerei 7", "Görtnerei 7"),
    "in a letter beyond U+FFFF": ("key \U0001f511 7", "key \U0001f512 7"),
}


@judges({"LOGON-2": tuple(f"two that differ {how}" for how in _ALMOST)}, exactly=len(_ALMOST))
def passwords_differ_anywhere(bench: Bench, data: st.DataObject) -> None:
    """LOGON-2: every letter of a password counts, to its last and in every alphabet."""
    how = data.draw(st.sampled_from(tuple(_ALMOST)), label="they differ")
    right, wrong = _ALMOST[how]
    place = bench.login(bench.place(), right)
    attempt(bench, place, wrong)
    bench.expect("LOGON-2", WRONG_PASSWORD, case=f"two that differ {how}")
    outcome = attempt(bench, place, right)
    bench.expect("LOGON-1", OPENED)
    leave(bench, outcome)
