"""The doors of a world's customers: one WSGI application for the pages of all worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from broker_sim.bootstrap.broker import Broker
from broker_sim.bootstrap.noting import noted
from broker_sim.contract import limits
from broker_sim.front.door import Route
from broker_sim.front.wsgi import Application, built_once, mount
from broker_sim.service.exchange import Handler
from broker_sim.service.wanted import PAGE
from broker_sim.web import customer_paths


def customer_doors(broker: Broker) -> list[Route]:
    """Give the paths of the customer's side of one world."""
    handler = _pages(broker)
    return [
        Route(path, noted(broker, path, PAGE, handler), limits.BODY_MAX_BYTES, below=True)
        for path in customer_paths.PATHS
    ]


def _pages(broker: Broker) -> Handler:
    """Mount the pages; Flask is imported by the first call. The world's prefix is their root."""
    root = urlsplit(broker.base_url).path

    def make() -> Application:
        from broker_sim.web.portal import application as pages  # noqa: PLC0415  slow to import

        return pages()

    built = built_once(make)

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        environ["SCRIPT_NAME"] = root
        environ["broker_sim.world"] = broker.world
        return built(environ, start)

    return mount(application)
