"""CONN-1 to CONN-3: how long a connection lives, and how many there are."""

from collections import Counter
from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from broker_sim.contract import limits
from conformance.bench import MILLISECOND, RIGHT, Bench
from conformance.broker.logon import attempt
from conformance.caller import ON_A_CONNECTION, Outcome
from conformance.hands import Hands, verb
from conformance.model import OPENED, Wire
from conformance.patterns import Anything, Between, Pattern, fault, gives
from conformance.properties import Machine, judges
from conformance.strategies import EDGES

EXPIRED: Final = fault("ConnectionExpired")
MADE_UP: Final = fault("InvalidConnection")
_READING: Final = tuple(name for name in ON_A_CONNECTION if name != "logoff")


def arguments_of(bench: Bench, operation: str) -> dict[str, Any]:
    """Give arguments with which an operation on a connection is in order, or nearly so."""
    day = timedelta(days=1)
    known: dict[str, dict[str, Any]] = {
        "getSession": {"session_id": 1},
        "getSessionIds": {"start": bench.now - day, "end": bench.now},
        "getUpdates": {"since": 0},
        "getDefaultKey": {"key_version": 1},
    }
    return known.get(operation, {})


@judges({"CONN-1": ("a second logon is refused", "the first lives on")}, share=0.5)
def a_login_has_one_connection(bench: Bench, data: st.DataObject) -> None:
    """CONN-1: a second logon faults, tells when it may work, and leaves the first alive."""
    place = bench.place(fresh=False)
    connection = bench.connect(place)
    waited = data.draw(st.sampled_from((0, 1000, 1_199_000, 599_000)), label="ms")
    if bench.hands.target.control is not None:
        bench.to_whole_second()
        bench.call("getLastUpdateId", connection_id=connection)
        bench.advance(bench.now + waited * MILLISECOND)
        left: Any = (limits.CONNECTION_IDLE - waited * MILLISECOND) // timedelta(seconds=1)
    else:
        left = Between(0, int(limits.CONNECTION_IDLE.total_seconds()))
    for _ in range(data.draw(st.integers(1, 3), label="times")):
        attempt(bench, place, place.password)
        refused = fault("AlreadyLoggedOn", seconds_left=left)
        bench.expect("CONN-1", refused, case="a second logon is refused")
    bench.call("getLastUpdateId", connection_id=connection)
    bench.expect("CONN-1", gives(Between(0, 2**63)), case="the first lives on")
    bench.call("logoff", connection_id=connection)


@verb
def race_logons(hands: Hands, /, *, username: str, password: str, count: int) -> Outcome:
    """Log on so many times at once; tell what came of them, and log off what opened."""

    def one() -> Outcome:
        return hands.quiet_call("logon", username=username, password=password).outcome

    outcomes = hands.at_once([one] * count)
    opened = [each["gives"] for each in outcomes if "gives" in each]
    for connection in opened:
        hands.call("logoff", connection_id=connection)
    faults = Counter(str(each.get("fault") or each.get("broken")) for each in outcomes)
    faults.pop("None", None)
    return {"gives": {"opened": len(opened), "faults": dict(faults)}}


@judges({"CONN-1": ("of logons at the same time, one opens",)}, share=0.3)
def of_many_logons_one_opens(bench: Bench, data: st.DataObject) -> None:
    """CONN-1: it holds for logons at the same time, too."""
    place = bench.place(fresh=False)
    count = data.draw(st.integers(2, 8), label="count")
    bench.do("race_logons", username=place.username, password=place.password, count=count)
    wanted = {"opened": 1, "faults": {"AlreadyLoggedOn": count - 1}}
    bench.expect("CONN-1", gives(wanted), case="of logons at the same time, one opens")


_ENDS: Final = {
    -1: "alive 1 ms before 20 idle minutes are over",
    0: "ended after 20 idle minutes",
    1: "ended 1 ms later",
}
_FREE: Final = {
    -1: "its login is taken 1 ms before",
    0: "its login is free then",
    1: "its login is free 1 ms later",
}


@judges({"CONN-2": tuple(_ENDS.values())}, exactly=3 * len(_READING))
def an_idle_connection_ends(bench: Bench, data: st.DataObject) -> None:
    """CONN-2: unused for 20 minutes it ends, not a ms earlier; every call is a use."""
    side, last = data.draw(st.sampled_from([(side, op) for op in _READING for side in EDGES]))
    connection = bench.connect(bench.place())
    bench.advance(bench.now + limits.CONNECTION_IDLE / 2)
    bench.to_whole_second()
    bench.call(last, connection_id=connection, **arguments_of(bench, last))
    bench.advance(bench.now + limits.CONNECTION_IDLE + side * MILLISECOND)
    bench.call("getLastUpdateId", connection_id=connection)
    bench.expect("CONN-2", gives(0) if side < 0 else EXPIRED, case=_ENDS[side])


@judges({"CONN-2": tuple(_FREE.values())}, exactly=3)
def an_idle_login_is_free_again(bench: Bench, data: st.DataObject) -> None:
    """CONN-2: the login is free at the instant at which its connection ends."""
    side = data.draw(st.sampled_from(EDGES), label="side")
    place = bench.place()
    bench.to_whole_second()
    bench.connect(place)
    bench.advance(bench.now + limits.CONNECTION_IDLE + side * MILLISECOND)
    attempt(bench, place, RIGHT)
    taken = fault("AlreadyLoggedOn", seconds_left=1)
    bench.expect("CONN-2", taken if side < 0 else OPENED, case=_FREE[side])


@judges({"CONN-2": ("logoff ends it at once", "after logoff the login is free")}, share=0.3)
def logoff_ends_a_connection(bench: Bench, data: st.DataObject) -> None:
    """CONN-2: after logoff the connection is of no use and the login is free."""
    place = bench.place(fresh=False)
    connection = bench.connect(place)
    bench.call("logoff", connection_id=connection)
    bench.expect("CONN-2", gives(None))
    operation = data.draw(st.sampled_from(ON_A_CONNECTION), label="operation")
    bench.call(operation, connection_id=connection, **arguments_of(bench, operation))
    bench.expect("CONN-2", EXPIRED, case="logoff ends it at once")
    outcome = attempt(bench, place, place.password)
    bench.expect("CONN-2", OPENED, case="after logoff the login is free")
    bench.call("logoff", connection_id=outcome["gives"])


def _forged(live: str, how: str) -> str:
    last = "a" if live[-1] != "a" else "b"
    return {
        "last letter changed": live[:-1] + last,
        "cut": live[:-1],
        "longer": f"{live}{last}",
        "backwards": live[::-1],
        "one letter": "x",
        "with a space": f" {live}",
        "a wildcard": "%",
    }[how]


_FORGED: Final = (
    "last letter changed",
    "cut",
    "longer",
    "backwards",
    "one letter",
    "with a space",
    "a wildcard",
)


_DEAD: Final = [
    (operation, version, how)
    for number, operation in enumerate(ON_A_CONNECTION)
    for version, how in zip(
        ("1.1", "1.2"), (_FORGED[2 * number % 7], _FORGED[(2 * number + 1) % 7]), strict=True
    )
]


@judges({"CONN-3": tuple(f"{op}, ended and made up" for op in ON_A_CONNECTION)}, exactly=len(_DEAD))
def dead_connections_give_nothing(bench: Bench, data: st.DataObject) -> None:
    """CONN-3: ended and made-up connections get their own fault each, on every operation."""
    operation, version, how = data.draw(st.sampled_from(_DEAD), label="operation, SOAP, forged")
    place = bench.place(fresh=False)
    ended = bench.connect(place)
    bench.call("logoff", connection_id=ended)
    live = bench.connect(place)
    more = {**arguments_of(bench, operation), "version": version}
    bench.call(operation, connection_id=ended, **more)
    bench.expect("CONN-3", EXPIRED)
    bench.do("call_forged", name=operation, live=live, how=how, **more)
    bench.expect("CONN-3", MADE_UP, case=f"{operation}, ended and made up")
    bench.call("logoff", connection_id=live)
    bench.expect("CONN-3", gives(None))


@verb
def call_forged(
    hands: Hands, /, *, name: str, version: str, live: str, how: str, **more: Any
) -> Outcome:
    """Call an operation with an id that is made from a live one."""
    return hands.call(name, version, connection_id=_forged(live, how), **more)


@judges({"CONN-1": (), "CONN-2": (), "CONN-3": ()}, steps=15)
class Connections(Machine):
    """CONN-1 to CONN-3: logons, calls, pauses and logoffs of one login, in every order."""

    @initialize()
    def open_place(self) -> None:
        """Make a portal with one login."""
        self.place = self.bench.place()
        self.bench.to_whole_second()
        self.wires: list[Wire] = []

    def _live(self) -> Wire | None:
        now = self.bench.now
        return next((wire for wire in self.wires if wire.state(now) != "ended"), None)

    @rule()
    def log_on(self) -> None:
        """Log on: it opens, unless there is a live connection."""
        now, live = self.bench.now, self._live()
        outcome = attempt(self.bench, self.place, RIGHT)
        allowed: list[Pattern] = []
        if live is None or live.state(now) == "either":
            allowed.append(OPENED)
        if live is not None:
            allowed.append(fault("AlreadyLoggedOn", seconds_left=live.left(now)))
        self.bench.expect("CONN-1" if live else "CONN-2", *allowed)
        if "gives" in outcome:
            if live is not None:
                live.ended_at = now
            self.wires.append(Wire(outcome["gives"], now, exact=now.microsecond == 0))

    @rule(which=st.integers(0, 5), operation=st.sampled_from(ON_A_CONNECTION))
    def use(self, which: int, operation: str) -> None:
        """Call something on a connection, live or not."""
        if not self.wires:
            return
        wire, now = self.wires[-1 - which % len(self.wires)], self.bench.now
        state = wire.state(now)
        more = arguments_of(self.bench, operation)
        outcome = self.bench.call(operation, connection_id=wire.id, **more)
        allowed: list[Pattern] = [] if state == "alive" else [EXPIRED]
        if state != "ended":
            allowed.extend(_answered(operation))
        self.bench.expect("CONN-2" if state == "alive" else "CONN-3", *allowed)
        ended = operation == "logoff" or outcome.get("fault") == "ConnectionExpired"
        if state != "ended" and ended:
            wire.ended_at = now
        elif state != "ended":
            wire.use(now)

    @rule(seconds=st.sampled_from((1, 1199, 1200, 1201)), beside=st.sampled_from(EDGES))
    def wait(self, seconds: int, beside: int) -> None:
        """Let time pass, to an edge or beside it."""
        self.bench.advance(self.bench.now + timedelta(seconds=seconds) + beside * MILLISECOND)


def _answered(operation: str) -> tuple[Pattern, ...]:
    """What an operation may answer on a live connection to an empty portal."""
    if operation == "logoff":
        return (gives(None),)
    if operation == "getSession":
        return (fault("NoSuchSession"),)
    key = (fault("SecurityKeyRequired"), fault("InvalidArgument"))
    return (gives(Anything()), *(key if operation == "getDefaultKey" else ()))
