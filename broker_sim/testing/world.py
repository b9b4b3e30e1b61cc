"""One world in the hand of a test, whatever server it lives on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from broker_sim.bootstrap import describing
from broker_sim.bootstrap.worlds import Held, Worlds
from broker_sim.service.journaling import Journal
from broker_sim.service.provoking import Faults
from broker_sim.service.tester import Tester
from broker_sim.testing.clock import ClockInHand


@dataclass(frozen=True, slots=True)
class BrokerWorld:
    """One world: its own clock, data, logins, faults and journal.

    Attributes:
        name: among the worlds of its server.
        seed: what it was made from; the same seed gives the same world.
        url: what its URLs begin with.
        wsdls: the WSDL's URL by name of service, SOAP 1.1.
        logins: (portal, user name, password) of every seeded login.
        rep_logins: (e-mail address, password) of every seeded representative.
        manager_logins: (role, e-mail address, password) of every seeded manager.
        tester: the tester's hand on it, without HTTP.
        faults: what goes wrong on purpose: `faults.add("logon", effect="delay", ...)`.
        clock: its time.
        control_url: what the URLs of its control API begin with.
        control_token: what opens the control API.
    """

    name: str
    seed: int
    url: str
    wsdls: Mapping[str, str] = field(repr=False)
    logins: Sequence[tuple[str, str, str]] = field(repr=False)
    rep_logins: Sequence[tuple[str, str]] = field(repr=False)
    manager_logins: Sequence[tuple[str, str, str]] = field(repr=False)
    tester: Tester = field(repr=False)
    faults: Faults = field(repr=False)
    clock: ClockInHand = field(repr=False)
    control_url: str
    control_token: str = field(repr=False)

    @property
    def wsdl(self) -> str:
        """The URL of the Sessions service's WSDL, SOAP 1.1."""
        return self.wsdls["Sessions"]

    @property
    def journal(self) -> Journal:
        """What it was asked and what it answered, secrets struck out."""
        return self.tester.journal


def in_hand(held: Held, control_url: str, token: str) -> BrokerWorld:
    """Take a world of this process into the hand."""
    broker = held.broker
    services = describing.services(broker.base_url)
    return BrokerWorld(
        held.name,
        broker.seed,
        broker.base_url,
        {name: urls["wsdl"] for name, urls in services.items()},
        [
            (portal, login["username"], login["password"])
            for portal, logins in broker.logins().items()
            for login in logins
        ],
        [(login["username"], login["password"]) for login in broker.rep_logins()],
        [(one["role"], one["username"], one["password"]) for one in broker.manager_logins()],
        broker.tester,
        broker.faults,
        ClockInHand(broker.tester),
        f"{control_url}/_sim/worlds/{held.name}",
        token,
    )


@contextmanager
def made(
    worlds: Worlds, wish: Mapping[str, object], control_url: str, token: str
) -> Iterator[BrokerWorld]:
    """Make a world as `POST /_sim/worlds` does, and drop it at the end of the block."""
    name = worlds.new(wish)
    try:
        yield in_hand(worlds.hand(name), control_url, token)
    finally:
        worlds.drop(name)
