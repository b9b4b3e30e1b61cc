"""Several processes behind one port: what each of them does.

They share the ports, the store, and the way to the journal. The first of them leads: it alone
has the heartbeat, the control API and the journal. Whoever dies is started again in its place,
the leader too.
"""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from broker_sim.adapters import relayed_journal
from broker_sim.adapters.relayed_journal import KeepingJournal, TellingJournal
from broker_sim.bootstrap.broker import Broker
from broker_sim.bootstrap.doors import Doors, Ports
from broker_sim.front import server
from broker_sim.front.limits import Limits
from broker_sim.front.workforce import Workforce
from broker_sim.service.heartbeat import Heartbeat
from broker_sim.settings import Settings


def serve(
    settings: Settings, ports: Ports, told: Mapping[str, Any], ready: Callable[[], None]
) -> int:
    """Serve in `settings.workers` processes until SIGINT or SIGTERM; give the exit code.

    Args:
        settings: of each of them.
        ports: bound, and closed at the end.
        told: what was said of the broker; its base URL is everybody's.
        ready: called once all of them answer.
    """
    reader, writer = relayed_journal.channel()
    settled = replace(settings, base_url=told["baseUrl"])
    gc.freeze()  # what the processes have in common stays in common
    work = partial(_work, settled, ports, reader, writer)

    def let_go() -> None:
        for one in (ports.product, ports.control, reader, writer):
            if one is not None:
                one.close()

    try:
        return Workforce(settings.workers, work, let_go).run(ready)
    finally:
        let_go()


def _work(
    settings: Settings,
    ports: Ports,
    reader: socket.socket,
    writer: socket.socket,
    place: int,
    ready: Callable[[], None],
) -> None:
    """Answer until SIGTERM; the first place leads."""
    if place == 0:
        _lead(settings, ports, KeepingJournal(reader), ready)
    else:
        _follow(settings, replace(ports, control=None), TellingJournal(writer), ready)


def _lead(
    settings: Settings, ports: Ports, journal: KeepingJournal, ready: Callable[[], None]
) -> None:
    broker = Broker(settings, journal)
    doors = Doors(broker, ports)
    heart = Heartbeat(doors.worlds.beat)

    def begin() -> None:
        gc.enable()
        heart.start()
        ready()

    try:
        server.serve(*doors.listeners, limits=Limits(accepts=1), ready=begin)
    finally:
        heart.stop()
        journal.close()
        broker.close()


def _follow(
    settings: Settings, ports: Ports, journal: TellingJournal, ready: Callable[[], None]
) -> None:
    broker = Broker(settings, journal)
    doors = Doors(broker, ports)

    def begin() -> None:
        gc.enable()
        ready()

    try:
        server.serve(*doors.listeners, limits=Limits(accepts=1), ready=begin)
    finally:
        broker.close()
