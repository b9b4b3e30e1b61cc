"""What one world answers: its paths, and who answers each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from broker_sim.bootstrap.broker import Broker
from broker_sim.contract import ENDPOINTS, limits
from broker_sim.contract.kinds import Endpoint
from broker_sim.front.door import Route
from broker_sim.service import dispatch
from broker_sim.service.exchange import Answer, Handler, Offload, Reply, Request, Stream
from broker_sim.service.ports import Exchange
from broker_sim.soap.service import SoapService
from broker_sim.web import downloads, landing
from broker_sim.web.provoked import provoked

Incidents = Callable[[], str]


def routes(broker: Broker, incidents: Incidents) -> list[Route]:
    """Give all that one world answers, by paths below its base URL."""
    services = [
        Route(endpoint.path, _soap(broker, endpoint, incidents), limits.BODY_MAX_BYTES)
        for endpoint in ENDPOINTS
    ]
    return [
        Route("/", landing.handler(broker.base_url)),
        *services,
        Route(downloads.PATH, _noted(broker, provoked(broker.faults, downloads.handler(broker.world))), below=True),
    ]


def below(prefix: str, found: list[Route]) -> list[Route]:
    """Give the same routes below a prefix; a handler sees the path without it."""
    cut = len(prefix)

    def moved(handler: Handler) -> Handler:
        return lambda request: handler(replace(request, path=request.path[cut:] or "/"))

    return [replace(one, path=prefix + one.path, handler=moved(one.handler)) for one in found]


def _soap(broker: Broker, endpoint: Endpoint, incidents: Incidents) -> Handler:
    world, journal = broker.world, broker.journal
    return SoapService(
        endpoint,
        lambda operation, arguments, _request: dispatch.call(world, operation, arguments),
        broker.base_url,
        incidents,
        lambda done: journal.add(
            Exchange(
                endpoint.path,
                done.operation,
                done.status,
                done.fault,
                done.request.client,
                done.request.body,
                done.response,
            ),
            world.clock.now(),
        ),
        broker.faults,
    ).handle


def _noted(broker: Broker, handler: Handler) -> Handler:
    """Tell the journal of downloads, by their path alone."""
    world, journal = broker.world, broker.journal

    def note(request: Request, reply: Reply) -> Reply:
        if isinstance(reply, Offload):
            return Offload(reply.work, lambda done: note(request, reply.then(done)))
        status = reply.status if isinstance(reply, (Answer, Stream)) else 0
        asked = f"{request.method} {request.path}".encode()
        noted = Exchange(downloads.PATH, "download", status, None, request.client, asked, b"")
        journal.add(noted, world.clock.now())
        return reply

    return lambda request: note(request, handler(request))
