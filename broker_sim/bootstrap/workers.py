"""Several processes behind one port, and relays behind their own: what each of them does.

Those behind one port share the ports, the store, and the way to the journal. The first of them
leads: it alone has the heartbeat, the control API, the journal and the recorder of channels.
Whoever dies is started again in its place, the leader too.
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
from broker_sim.bootstrap import relaying
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
    """Serve in `settings.workers` processes and the relays' until SIGINT or SIGTERM.

    Gives the exit code.

    Args:
        settings: of each of them.
        ports: bound, and closed at the end.
        told: what was said of the broker; its base URL is everybody's.
        ready: called once all of them answer.
    """
    reader, writer = relayed_journal.channel()
    settled = replace(settings, base_url=told["baseUrl"])
    gc.freeze()  # what the processes have in common stays in common
    work = partial(_work, settled, ports, reader, writer, relaying.new_key())

    def let_go() -> None:
        for one in (ports.product, ports.control, *ports.relays, reader, writer):
            if one is not None:
                one.close()

    try:
        processes = settings.workers + settings.relay_processes
        return Workforce(processes, work, let_go).run(ready)
    finally:
        let_go()


def _work(
    settings: Settings,
    ports: Ports,
    reader: socket.socket,
    writer: socket.socket,
    key: bytes,
    place: int,
    ready: Callable[[], None],
) -> None:
    """Answer until SIGTERM; the first place leads, the last ones are relays."""
    if place == 0:
        _lead(settings, ports, key, KeepingJournal(reader), ready)
    elif place < settings.workers:
        _follow(settings, replace(ports, control=None), key, TellingJournal(writer), ready)
    else:
        relaying.serve(ports, ports.relays[place - settings.workers], key, ready)


def _lead(
    settings: Settings,
    ports: Ports,
    key: bytes,
    journal: KeepingJournal,
    ready: Callable[[], None],
) -> None:
    broker = Broker(settings, journal)
    relaying.attach(broker, ports, key, leads=True)
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
    settings: Settings,
    ports: Ports,
    key: bytes,
    journal: TellingJournal,
    ready: Callable[[], None],
) -> None:
    broker = Broker(settings, journal)
    relaying.attach(broker, ports, key, leads=False)
    doors = Doors(broker, ports)

    def begin() -> None:
        gc.enable()
        ready()

    try:
        server.serve(*doors.listeners, limits=Limits(accepts=1), ready=begin)
    finally:
        broker.close()
