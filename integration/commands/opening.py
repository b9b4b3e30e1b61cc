"""Open all that a command works with, and close it again whatever happens: the wiring.

Source: C-CONN-1.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType

from integration.clock import SystemClock
from integration.config import Portal
from integration.core import record
from integration.core.ports import Downloads, Observer
from integration.durable import make_folder
from integration.errors import Exit, Stop
from integration.ledger import Presence
from integration.pipeline.carry import Carrier
from integration.pipeline.connecting import connect
from integration.pipeline.store import Store
from integration.wire.broker import Broker
from integration.wire.connection import Login
from integration.wire.downloads import Downloader
from integration.wire.http import Http


@dataclass(frozen=True, slots=True)
class Work:
    """Everything of one portal, opened; `told` is what the broker says of the portal."""

    portal: Portal
    clock: SystemClock
    store: Store
    broker: Broker
    presence: Presence
    downloads: Downloads
    observer: Observer
    told: record.Portal

    def carrier(self, *, anew: bool = False) -> Carrier:
        """Make a carrier from this broker to this store."""
        return Carrier(
            self.store, self.broker, self.downloads, self.clock, self.observer, anew=anew
        )


@contextmanager
def opened(
    portal: Portal, clock: SystemClock, observer: Observer, mode: str, *, persistent: bool
) -> Iterator[Work]:
    """Open a portal's store, log on, and afterwards log off.

    `mode` is the command, for `status`. If `persistent`, a broker that does not answer and a login
    that is locked are waited for.

    Raises:
        Stop: see `connect` and `Store`; a folder cannot be made.
    """
    with ExitStack() as stack:
        _make_folders(portal)
        store = Store(portal)
        stack.callback(store.close)
        presence = Presence(store.ledger, mode=mode, started=clock.now().isoformat())
        stack.callback(presence.leave)
        http = Http(portal.ca_file)
        stack.callback(http.close)
        broker = Broker(http, portal.wsdl, portal.address, portal.state, _login(portal), clock)
        stack.callback(broker.close)
        told = connect(broker, clock, persistent=persistent)
        store.ledger.set_fact("portal", told.name)
        downloads = Downloader(http, portal.address, clock)
        yield Work(portal, clock, store, broker, presence, downloads, observer, told)


def _make_folders(portal: Portal) -> None:
    for name, folder in (("storage", portal.storage), ("state", portal.state)):
        try:
            make_folder(folder)
        except OSError as error:
            msg = f"{name} {folder}: {error.strerror}; name a folder that can be made"
            raise Stop(msg) from error


def _login(portal: Portal) -> Login:
    password = portal.password
    assert password is not None, "settings were read without a password"
    return Login(portal.username, password.reveal)


@contextmanager
def stoppable(*clocks: SystemClock) -> Iterator[None]:
    """Stop gently on Ctrl-C and SIGTERM; a second one ends the program on the spot."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        if any(clock.interrupted for clock in clocks):
            os._exit(Exit.INTERRUPTED)
        for clock in clocks:
            clock.interrupted = True
            clock.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
