"""RET-3: purging goes on beside calls, and takes rows and files together."""

import threading
from datetime import datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import Bench
from conformance.broker.recordings import file_of, recorded
from conformance.broker.retention import LAST_LOOK, edge, purged
from conformance.caller import Outcome
from conformance.desk import Desk
from conformance.hands import Hands, verb
from conformance.patterns import Between, gives, http
from conformance.properties import judges

_DAY: Final = timedelta(days=1)


@verb
def purge_and_call(
    hands: Hands, /, *, to: datetime, username: str, password: str, calls: int
) -> Outcome:
    """Let time go on, so that much is purged, while others log on and off; tell how fast."""
    seconds: list[float] = []
    going = threading.Event()

    def ask() -> None:
        while len(seconds) < calls or going.is_set():
            reply = hands.quiet_call("logon", username=username, password=password)
            opened = str(reply.outcome.get("gives", "none"))
            left = hands.quiet_call("logoff", connection_id=opened)
            for answer in (reply.answer, left.answer):
                if answer is None:
                    return
                seconds.append(answer.seconds)

    def advance() -> None:
        try:
            hands.do("advance", {"to": to})
            hands.control("POST", ["sweep"])
        finally:
            going.clear()

    going.set()
    hands.at_once([advance, ask])
    slowest = int(max(seconds, default=0.0) * 1000)
    return {"gives": {"answered": len(seconds), "slowest_ms": slowest}}


def _seed_behind(desk: Desk) -> None:
    """Add more than a batch of sessions that end after all others, and so are purged last."""
    body: dict[str, Any] = {"sessions": 3 * limits.PURGE_BATCH, "days": 1}
    seeded = {**body, "portal": desk.place.portal}
    desk.bench.do("control", method="POST", path=["seed"], body=seeded)
    desk.bench.expect("RET-3", http(200, 299))
    desk.skip()


_BATCHES: Final = "more than a batch, purged while calls are answered"
_TOGETHER: Final = "files and rows are gone together"


@judges({"RET-3": (_BATCHES, _TOGETHER)}, exactly=1)
def purging_is_never_in_the_way(bench: Bench, data: st.DataObject) -> None:
    """RET-3: while sweeps run, every call is answered, and rows and files go together."""
    del data
    desk = Desk(bench, bench.place())
    case = recorded(desk)
    desk.advance(bench.now + _DAY)
    _seed_behind(desk)
    desk.advance(edge(case) - LAST_LOOK)
    names = ("chatTranscript{}.txt", "session{}.properties")
    urls = [file_of(desk, case, name)["url"] for name in names]
    spare = bench.login(desk.place)
    bench.do(
        "purge_and_call",
        to=edge(case) + 2 * _DAY,
        username=spare.username,
        password=spare.password,
        calls=60,
    )
    answered = {"answered": Between(60, 10**6), "slowest_ms": Between(0, 2_000)}
    bench.expect("RET-3", gives(answered), case=_BATCHES)
    desk.read(case)
    bench.expect("RET-3", purged(case))
    for url in urls:
        bench.do("download", url=url)
        bench.expect("RET-3", http(400, 499), case=_TOGETHER)
