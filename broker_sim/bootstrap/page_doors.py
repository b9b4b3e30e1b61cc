"""The doors of a world's pages: one WSGI application an area, for the pages of all worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from broker_sim.bootstrap.broker import Broker
from broker_sim.bootstrap.noting import noted
from broker_sim.contract import limits
from broker_sim.front.door import Route
from broker_sim.front.wsgi import Application, built_once, mount
from broker_sim.service.exchange import Handler
from broker_sim.service.wanted import PAGE
from broker_sim.web import brand_files, customer_paths, manager_paths, static_files, watch
from broker_sim.web.helpalert import events as desk_events
from broker_sim.web.helpalert import paths as desk_paths
from broker_sim.web.helpalert import words as desk_words


def _portal() -> Application:
    from broker_sim.web.portal import application  # noqa: PLC0415  Flask is slow to import

    return application()


def _manager() -> Application:
    from broker_sim.web.manager.app import application  # noqa: PLC0415  the same

    return application()


def _desk() -> Application:
    from broker_sim.web.helpalert.app import application  # noqa: PLC0415  the same

    return application()


# The paths of each area, and what makes its application when one of them is first asked for.
_AREAS: Final = (
    (customer_paths.PATHS, built_once(_portal)),
    (manager_paths.PATHS, built_once(_manager)),
    (desk_paths.PATHS, built_once(_desk)),
)


def page_doors(broker: Broker) -> list[Route]:
    """Give the paths of all pages of one world, and of what they are made of."""
    found = [
        Route(static_files.PATH, static_files.handle, below=True),
        Route(brand_files.PATH, brand_files.handler(broker.world), below=True),
        _events(broker),
        _watch(broker),
    ]
    for paths, application in _AREAS:
        handler = _mounted(broker, application)
        found += [
            Route(path, _noted(broker, path, handler), limits.BODY_MAX_BYTES, below=True)
            for path in paths
        ]
    return found


def _noted(broker: Broker, path: str, handler: Handler) -> Handler:
    if path in desk_paths.PATHS:
        return noted(broker, path, PAGE, handler, worded=desk_words.worded)
    return noted(broker, path, PAGE, handler)


def _events(broker: Broker) -> Route:
    """Give the desk's long poll, which holds no thread."""
    handler = desk_events.handler(broker.world)
    reads, worded = desk_events.READS, desk_words.worded
    noting = noted(broker, desk_paths.PATHS[0], PAGE, handler, reads=reads, worded=worded)
    return Route(desk_paths.EVENTS, noting, limits.BODY_MAX_BYTES)


def _watch(broker: Broker) -> Route:
    """Give the long poll of customers' pages, which holds no thread either."""
    handler = watch.handler(broker.world)
    noting = noted(broker, watch.PATH, PAGE, handler, reads=watch.READS)
    return Route(watch.PATH, noting, limits.BODY_MAX_BYTES, below=True)


def _mounted(broker: Broker, area: Application) -> Handler:
    """Mount an area. The world's prefix is its root."""
    root = urlsplit(broker.base_url).path

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        environ["SCRIPT_NAME"] = root
        environ["broker_sim.world"] = broker.world
        demo = broker.demo()
        if demo is not None:
            environ["broker_sim.demo"] = demo
        environ["broker_sim.ticks"] = broker.clock.mode != "frozen"
        return area(environ, start)

    return mount(application)
