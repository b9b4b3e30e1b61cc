"""What one world answers: its paths, and who answers each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from broker_sim.bootstrap.broker import Broker
from broker_sim.bootstrap.noting import noted, of_soap, of_unserved
from broker_sim.bootstrap.page_doors import page_doors
from broker_sim.contract import ENDPOINTS, limits
from broker_sim.contract.kinds import Endpoint
from broker_sim.front.door import Route
from broker_sim.service import dispatch
from broker_sim.service.exchange import Handler, Reply, Request
from broker_sim.service.inner_relay import InnerRelay
from broker_sim.service.wanted import DOWNLOAD, PAGE
from broker_sim.soap.service import SoapService
from broker_sim.web import downloads, health, landing, relay_door
from broker_sim.web.provoked import provoked

Incidents = Callable[[], str]


def routes(broker: Broker, incidents: Incidents) -> list[Route]:
    """Give all that one world answers, by paths below its base URL."""
    services = [
        Route(endpoint.path, _soap(broker, endpoint, incidents), limits.BODY_MAX_BYTES)
        for endpoint in ENDPOINTS
    ]
    found = [
        Route(
            "/",
            noted(broker, "/", PAGE, landing.handler(broker.world, urlsplit(broker.base_url).path)),
        ),
        Route(health.PATH, health.handler(broker.world)),
        *services,
        Route(downloads.PATH, _downloads(broker), below=True),
        *page_doors(broker),
    ]
    told = [replace(one, unserved=of_unserved(broker, one.path)) for one in found]
    return [*told, _relay(broker.relay)] if isinstance(broker.relay, InnerRelay) else told


def below(prefix: str, found: list[Route]) -> list[Route]:
    """Give the same routes below a prefix; a handler sees the path without it."""
    cut = len(prefix)

    def moved(handler: Handler) -> Handler:
        return lambda request: handler(replace(request, path=request.path[cut:] or "/"))

    return [replace(one, path=prefix + one.path, handler=moved(one.handler)) for one in found]


def _relay(inner: InnerRelay) -> Route:
    """Give the relay's path. The journal hears of no frame: they are many, and say nothing."""
    door = relay_door.RelayDoor(
        inner.relay, inner.tickets, relay_door.Watch(inner.taken, inner.look)
    )
    return Route(relay_door.PATH, door.handle, limits.FRAMES_BODY_MAX_BYTES, below=True)


def _soap(broker: Broker, endpoint: Endpoint, incidents: Incidents) -> Handler:
    world = broker.world
    return SoapService(
        endpoint,
        lambda operation, arguments, _request: dispatch.call(world, operation, arguments),
        broker.base_url,
        incidents,
        of_soap(broker),
        broker.faults,
    ).handle


def _downloads(broker: Broker) -> Handler:
    found = downloads.handler(broker.world)

    def handle(request: Request) -> Reply:
        rules: list[str] = []
        handler = provoked(broker.faults, found, rules.extend)
        noting = noted(
            broker, downloads.PATH, DOWNLOAD, handler, reads=downloads.READS, rules=rules
        )
        return noting(request)

    return handle
