"""Brokers without doors: a world, and hands that act on it through the use cases only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from broker_sim.bootstrap.broker import Broker
from broker_sim.contract.monitors import MONITORS
from broker_sim.contract.phonemode import PHONEMODE
from broker_sim.contract.sessions import SESSIONS
from broker_sim.core.record import Session
from broker_sim.service import dispatch
from broker_sim.service.exchange import Offload, Wait
from broker_sim.settings import FILE, Settings
from broker_sim.testing.stores import placed
from broker_sim.tests.stores import START

OPERATIONS: Final = {operation.name: operation for operation in SESSIONS.operations}
# Those of all services that an API login's connection works on.
_SHARED: Final = {
    operation.name: operation
    for endpoint in (SESSIONS, MONITORS, PHONEMODE)
    for operation in endpoint.operations
}
NINETY: Final = timedelta(days=90)


def value_of(answer: Any) -> Any:
    """Do what was handed out and skip every pause; give the end."""
    while isinstance(answer, (Offload, Wait)):
        answer = answer.then() if isinstance(answer, Wait) else answer.then(answer.work())
    return answer


@dataclass(slots=True)
class Hands:
    """What callers, customers and representatives do to one broker.

    Attributes:
        portal: the portal of its first login.
        connection: of the last `logon`.
    """

    broker: Broker
    portal: str
    username: str
    password: str
    connection: str = ""

    def begin(self, operation: str, /, **arguments: object) -> Any:
        """Call an operation; give its answer, or what it hands out."""
        return dispatch.call(self.broker.world, _SHARED[operation], arguments)

    def logon(self, password: str | None = None, username: str | None = None) -> str:
        """Log on with the right words where none are given; give the connection id."""
        given = {"username": username or self.username, "password": password or self.password}
        self.connection = str(value_of(self.begin("logon", **given)))
        return self.connection

    def call(self, operation: str, /, **arguments: object) -> Any:
        """Call an operation on the connection, opened where there is none; give its answer."""
        if not self.connection:
            self.logon()
        return value_of(self.begin(operation, connection_id=self.connection, **arguments))

    def act(self, act: str, /, **given: object) -> Session:
        """Do one act of a customer or a representative."""
        return self.broker.acts.perform(act, given)

    def post(self, **given: object) -> int:
        """Post a request into the first sub-portal; give its id."""
        with self.broker.store.reading() as tx:
            known = tx.portal(self.portal)
        assert known is not None
        asked = {"portal": self.portal, "subPortal": known.sub_portals[0], "question": "Why?"}
        return self.act("post", **{**asked, **given}).session_id

    def finished(self) -> int:
        """Live a session to its end; give its id. Its recording is not ready yet."""
        number = self.post()
        for act in ("accept", "start", "end"):
            self.act(act, sessionId=number)
        return number

    def log_on_anew(self) -> None:
        """Forget the connection: time has gone by, and the next call opens another."""
        self.connection = ""

    def pass_time(self, by: timedelta) -> datetime:
        """Let the frozen clock go on, and nothing else happen."""
        self.broker.clock.to(self.broker.clock.now() + by)
        return self.broker.clock.now()

    def folder(self) -> list[str]:
        """Give the names of the large files on the disk, without their folders."""
        root = self.broker.settings.home / "recordings"
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def settings_of(home: Path, **more: Any) -> Settings:
    """Give settings for a world of tests in `home`, its clock standing still at START."""
    usual: dict[str, Any] = {"sessions": 0, "for_tests": True, "frozen_at": START, "seed": 7}
    return Settings(home=home, **{**usual, **more})


def hands_of(broker: Broker) -> Hands:
    """Give hands on a broker and its first login."""
    portal, logins = next(iter(broker.logins().items()))
    return Hands(broker, portal, logins[0]["username"], logins[0]["password"])


@contextmanager
def world(home: Path | None = None, **more: Any) -> Iterator[Hands]:
    """Open a broker without doors: in memory, or in the file of `home`; see `testing.stores`."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        place = home or Path(folder)
        store = more.pop("store", None if home is None else FILE)
        store = stack.enter_context(placed(store, place))
        broker = Broker(settings_of(place, store=store, **more))
        try:
            yield hands_of(broker)
        finally:
            broker.close()
