"""CONN-1 to CONN-3: whose a connection is, what keeps it alive, and what is known of it later."""

from datetime import timedelta
from itertools import product
from typing import Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import MILLISECOND, RIGHT, Bench
from conformance.broker.connections import EXPIRED
from conformance.broker.counting import attempt_at, doors
from conformance.broker.logon import attempt
from conformance.model import OPENED
from conformance.patterns import Anything, fault, gives
from conformance.properties import judges

_DOORS: Final = "it is the login's only one, at whichever service"


@judges({"CONN-1": (_DOORS,)}, exactly=3)
def a_login_has_one_for_all_services(bench: Bench, data: st.DataObject) -> None:
    """CONN-1: it has one connection, not one for each service."""
    first = data.draw(st.sampled_from(range(3)), label="first service")
    place, known = bench.place(fresh=False), doors(bench)
    outcome = attempt_at(bench, known[first % len(known)], place, place.password)
    bench.expect("CONN-1", OPENED)
    for door in known:
        attempt_at(bench, door, place, place.password)
        bench.expect("CONN-1", fault("AlreadyLoggedOn", seconds_left=Anything()), case=_DOORS)
    bench.call("logoff", connection_id=outcome["gives"])


# No case is asked for where a rule can be judged on a login that is lent, and these need more.
@judges({"CONN-1": ()}, exactly=1)
def each_login_of_a_portal_has_one(bench: Bench, data: st.DataObject) -> None:
    """CONN-1: it is one for each login, not for each portal."""
    del data
    place = bench.place()
    bench.connect(place)
    attempt(bench, bench.login(place), RIGHT)
    bench.expect("CONN-1", OPENED)


_EVERY: Final = "every use counts, however soon after the last"


@judges({"CONN-2": (_EVERY,)}, exactly=3)
def every_use_keeps_it_alive(bench: Bench, data: st.DataObject) -> None:
    """CONN-2: the twenty minutes begin at the last use, to the second, and not a little before."""
    pause = timedelta(seconds=data.draw(st.sampled_from((1, 7, 29)), label="seconds"))
    place = bench.place()
    bench.to_whole_second()
    connection = bench.connect(place)
    for _ in range(3):
        bench.advance(bench.now + pause)
        bench.call("getLastUpdateId", connection_id=connection)
        bench.expect("CONN-2", gives(0))
    bench.advance(bench.now + limits.CONNECTION_IDLE - MILLISECOND)
    bench.call("getLastUpdateId", connection_id=connection)
    bench.expect("CONN-2", gives(0), case=_EVERY)


_LATER: Final = {"a day": timedelta(days=1), "thirty days": timedelta(days=30)}
_ENDED: Final = ("by logoff", "by itself")
_PASTS: Final = [*product(_ENDED, _LATER, (False, True))]


@judges({"CONN-3": ()}, exactly=len(_PASTS))
def the_ended_are_known_later(bench: Bench, data: st.DataObject) -> None:
    """CONN-3: an ended connection stays one, days later too, also when its login has a new one."""
    how, later, again = data.draw(st.sampled_from(_PASTS), label="ended, later, a new one")
    place = bench.place()
    ended = bench.connect(place)
    if how == "by logoff":
        bench.call("logoff", connection_id=ended)
    bench.advance(bench.now + limits.CONNECTION_IDLE)
    bench.call("getLastUpdateId", connection_id=ended)
    bench.expect("CONN-3", EXPIRED)
    bench.advance(bench.now + _LATER[later])
    if again:
        bench.connect(place)
    bench.call("getLastUpdateId", connection_id=ended)
    bench.expect("CONN-3", EXPIRED)
