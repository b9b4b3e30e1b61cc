"""The doors of a broker: which path is answered by whom, and behind which ports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from socket import socket
from ssl import SSLContext
from typing import Any, Final

from broker_sim.adapters.clocks import machine_now, machine_time
from broker_sim.bootstrap import describing
from broker_sim.bootstrap.broker import Broker
from broker_sim.bootstrap.noting import of_unserved
from broker_sim.bootstrap.worlds import Worlds
from broker_sim.control import metrics, simulator
from broker_sim.front import authority
from broker_sim.front.authority import Certificates
from broker_sim.front.door import Door, Route
from broker_sim.front.listener import Listener, free_port, tls_context
from broker_sim.front.showcase import Showcase
from broker_sim.front.wsgi import Application, built_once, mount
from broker_sim.service.exchange import Handler
from broker_sim.settings import Settings
from broker_sim.web import static_files

_CONTROL: Final = "/_sim"
_CONTROL_BODY_BYTES: Final = 128 * 1024 * 1024  # a world may be imported


@dataclass(frozen=True, slots=True)
class Ports:
    """What is bound before anybody serves; processes that share a broker have them in common.

    Attributes:
        tls: what https needs; in common, so that a caller's TLS session is known to all.
        relays: of the relays in processes of their own.
    """

    product: socket
    control: socket | None
    certificates: Certificates | None
    tls: SSLContext | None
    relays: tuple[socket, ...] = ()


def bind(settings: Settings) -> Ports:
    """Bind the ports, and make the certificates where they are missing."""
    certificates = _ensure_certificates(settings)
    product = free_port(settings.host, settings.port)
    control = free_port("127.0.0.1", settings.control_port) if settings.control else None
    context = None if certificates is None else tls_context(certificates.leaf_pem)
    first = settings.relay_port if settings.port else 0
    relays = tuple(free_port(settings.host, first) for _ in range(settings.relay_processes))
    return Ports(product, control, certificates, context, relays)


def _ensure_certificates(settings: Settings) -> Certificates | None:
    if not settings.tls:
        return None
    return authority.ensure(settings.home / "tls", names_of(settings), machine_time())


def names_of(settings: Settings) -> tuple[str, ...]:
    """Give the host names of the certificate, besides localhost and its addresses."""
    return (*settings.names, settings.host) if settings.host[0].isalnum() else settings.names


class Doors:
    """The listeners of one broker: bound, not yet served.

    Args:
        broker: who is behind them; where its `base_url` is empty, it becomes the first
            listener's.
        ports: where, if they are bound already.
    """

    def __init__(self, broker: Broker, ports: Ports | None = None) -> None:
        self.broker = broker
        settings = broker.settings
        # The port is bound before the routes are made: the WSDL names it.
        self.ports = ports = ports or bind(settings)
        self.certificates = ports.certificates
        scheme = "http" if ports.tls is None else "https"
        address, port, *_ = ports.product.getsockname()
        host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  asked, not bound
        broker.base_url = broker.base_url or f"{scheme}://{host}:{port}"
        self.worlds = Worlds(broker, self._incident)
        if ports.tls is not None and ports.certificates is not None:
            self.worlds.tls = Showcase(
                ports.tls, ports.certificates, names_of(settings), machine_time
            )
        door = Door(
            self.worlds.hand().door.routes,
            incidents=self._incident,
            elsewhere=self.worlds.find,
            lost=of_unserved(broker),
            today=machine_now,
        )
        self.product = Listener(door, ports.product, address, port, ports.tls)
        self.control = None if ports.control is None else self._control_listener(ports.control)

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """What a server is to serve."""
        return (self.product,) if self.control is None else (self.product, self.control)

    def _door(self, routes: Iterable[Route]) -> Door:
        return Door(routes, incidents=self._incident, today=machine_now)

    def _incident(self) -> str:
        return f"incident-{self.broker.world.entropy.take(6).hex()}"

    def _control_listener(self, bound: socket) -> Listener:
        door = self._door(
            [
                Route(_CONTROL, self._control(), _CONTROL_BODY_BYTES, below=True),
                Route(metrics.PATH, metrics.handler(self.worlds, self.token)),
                Route(simulator.PATH, simulator.handler(static_files.address)),
                Route("/", simulator.at_root),
                Route(static_files.PATH, static_files.handle, below=True),
            ]
        )
        address, port, *_ = bound.getsockname()
        return Listener(door, bound, address, port)

    def _control(self) -> Handler:
        """Mount the control application; Flask is imported by its first call."""

        def make() -> Application:
            from broker_sim.control.app import create_app  # noqa: PLC0415  slow to import

            return create_app(self.worlds, self.token)

        return mount(built_once(make))

    @property
    def token(self) -> str:
        """What opens the control door."""
        return self.broker.settings.token

    @property
    def simulator_url(self) -> str:
        """Where the simulator's page is, with what opens it; where there is a control door."""
        assert self.control is not None
        return f"{self.control.url}{simulator.PATH}#token={self.token}"

    def environment(self) -> Mapping[str, Any]:
        """Give what a client needs to know, as `broker-sim env` shows it."""
        certificates, control = self.certificates, self.control
        return {
            "baseUrl": self.broker.base_url,
            "services": describing.services(self.broker.base_url),
            "caFile": None if certificates is None else str(certificates.ca_pem),
            "caSha256": None if certificates is None else certificates.ca_sha256,
            "leafSha256": None if certificates is None else certificates.leaf_sha256,
            "logins": self.broker.logins(),
            "representatives": self.broker.rep_logins(),
            "managers": self.broker.manager_logins(),
            "managerUrl": f"{self.broker.base_url}/manager/",
            "controlUrl": None if control is None else control.url,
            "controlToken": None if control is None else self.token,
            # a browser sends what stands behind the # to nobody
            "simulatorUrl": None if control is None else self.simulator_url,
            "seed": self.broker.seed,
            "home": str(self.broker.settings.home),
            "startedAt": machine_time().astimezone(UTC).isoformat(timespec="seconds"),
        }
