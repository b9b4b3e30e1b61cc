"""A broker in this process, on a free port, for as long as a `with` block lasts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from broker_sim.bootstrap.broker import Broker
from broker_sim.bootstrap.doors import Doors
from broker_sim.bootstrap.worlds import START, Worlds
from broker_sim.contract import limits
from broker_sim.contract.sessions import SESSIONS
from broker_sim.front.server import EmbeddedServer
from broker_sim.service.journaling import Journal
from broker_sim.service.provoking import Faults
from broker_sim.service.tester import Tester
from broker_sim.settings import Settings
from broker_sim.testing.stores import placed
from broker_sim.testing.world import BrokerWorld, in_hand, made

_TOKEN: Final = "token-for-tests"  # noqa: S105  of a door that opens on loopback, in a test


@dataclass(slots=True)
class RunningBroker:
    """A broker that answers at `url`.

    Attributes:
        url: scheme, host and port of the product's door.
        wsdl_url: of the Sessions service, SOAP 1.1.
        control_url: scheme, host and port of the control door.
        control_token: what opens it.
        logins: (portal, user name, password) of every seeded login.
        rep_logins: (e-mail address, password) of every seeded representative.
        manager_logins: (role, e-mail address, password) of every seeded manager.
        tester: the tester's hand on the default world, without HTTP.
        worlds: all worlds of the process; `worlds.new({"seed": 3})` makes another one.
        ca_file: what to trust; None where the door speaks plain HTTP.
    """

    url: str
    wsdl_url: str
    control_url: str
    control_token: str
    logins: Sequence[tuple[str, str, str]]
    rep_logins: Sequence[tuple[str, str]]
    manager_logins: Sequence[tuple[str, str, str]]
    tester: Tester
    worlds: Worlds
    ca_file: Path | None
    _again: Callable[[], Worlds] = field(repr=False)

    def world(
        self, seed: int = 7, *, sessions: int = 0, frozen_at: datetime | None = START
    ) -> AbstractContextManager[BrokerWorld]:
        """Make another world for as long as a `with` block lasts.

        Args:
            seed: decides everything that chance decides.
            sessions: how many ended sessions it begins with.
            frozen_at: where its clock stands still; None for the machine's time.
        """
        wish: dict[str, object] = {"seed": seed, "sessions": sessions}
        wish |= {"clock": "real"} if frozen_at is None else {"now": frozen_at.isoformat()}
        return made(self.worlds, wish, self.control_url, self.control_token)

    @property
    def default_world(self) -> BrokerWorld:
        """The world at the root, in the same shape as those that `world` makes."""
        return in_hand(self.worlds.hand(), self.control_url, self.control_token)

    @property
    def journal(self) -> Journal:
        """What the default world was asked and what it answered, secrets struck out."""
        return self.tester.journal

    @property
    def faults(self) -> Faults:
        """What is provoked in the default world."""
        return self.tester.faults

    def restart(self) -> None:
        """Stop the broker and start it again behind the same ports, as a new process would.

        What it kept in memory only is gone; connections to it are cut. `tester` and `worlds` are
        new ones, and the default world is the only one.

        Raises:
            RuntimeError: its store is in memory, or somebody took a port meanwhile.
        """
        self.worlds = self._again()
        self.tester = self.worlds.hand().tester


class _Process:
    """A broker and its server, of which only the settings outlive a stop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = ExitStack()

    def start(self) -> tuple[Broker, Doors]:
        """Serve from now on."""
        broker = Broker(self._settings)
        self._stack.callback(broker.close)
        doors = Doors(broker)
        self._stack.callback(doors.worlds.close)
        self._stack.enter_context(EmbeddedServer(*doors.listeners))
        assert doors.control is not None
        self._settings = replace(
            self._settings, port=doors.product.port, control_port=doors.control.port
        )
        return broker, doors

    def stop(self) -> None:
        """Answer no more; the ports are free."""
        self._stack.close()

    def restart(self) -> Worlds:
        """Stop, and start with the same settings behind the same ports."""
        if self._settings.in_memory:
            msg = "a world in memory ends with its process"
            raise RuntimeError(msg)
        before = self._settings
        self.stop()
        _, doors = self.start()
        if self._settings != before:
            msg = "somebody has taken the port of a broker that was to start again"
            raise RuntimeError(msg)
        return doors.worlds


@contextmanager
def running_broker(
    seed: int = 7,
    *,
    sessions: int = 0,
    frozen_at: datetime | None = START,
    tls: bool = False,
    store: str | None = None,
    home: Path | None = None,
    port: int = 0,
    rate: float | None = None,
    burst: int = limits.RATE_BURST,
) -> Iterator[RunningBroker]:
    """Run a broker in a thread of this process.

    Its world is made for tests: password hashes are cheap, keys follow from the seed.

    Args:
        seed: decides everything that chance decides.
        sessions: how many ended sessions it begins with.
        frozen_at: where its clock stands still; None for the machine's time.
        tls: serve https; `ca_file` is what to trust.
        store: "memory", "file", "postgresql" (a new database on a server of its own), or the URL
            of a database; memory, if BROKER_SIM_TEST_STORE does not say otherwise.
        home: where files go, if there are any; a temporary folder if not said.
        port: the first port to try, where URLs are to be the same in every run; 0 for any.
        rate: calls that a connection may make in a second; None for any number. A clock that
            stands still gives no new ones. RATE-1.
        burst: calls that it may make at once.
    """
    with ExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="broker-")))
        settings = Settings(
            home=folder,
            store=stack.enter_context(placed(store, folder)),
            port=port,
            tls=tls,
            seed=seed,
            sessions=sessions,
            control=True,
            control_port=0,
            token=_TOKEN,
            for_tests=True,
            magic=True,
            frozen_at=frozen_at,
            rate=rate,
            burst=burst,
        )
        process = _Process(settings)
        stack.callback(process.stop)
        yield _told(*process.start(), process.restart)


def _told(broker: Broker, doors: Doors, again: Callable[[], Worlds]) -> RunningBroker:
    assert doors.control is not None
    logins = [
        (portal, login["username"], login["password"])
        for portal, found in broker.logins().items()
        for login in found
    ]
    return RunningBroker(
        broker.base_url,
        f"{broker.base_url}{SESSIONS.path}?wsdl",
        doors.control.url,
        doors.token,
        logins,
        [(login["username"], login["password"]) for login in broker.rep_logins()],
        [(one["role"], one["username"], one["password"]) for one in broker.manager_logins()],
        broker.tester,
        doors.worlds,
        None if doors.certificates is None else doors.certificates.ca_pem,
        again,
    )
