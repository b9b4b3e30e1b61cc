"""What a served broker needs opened before it serves; or a sentence on what to do instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from broker_sim.bootstrap import doors
from broker_sim.bootstrap.broker import Broker
from broker_sim.bootstrap.doors import Ports
from broker_sim.front.authority import UnusableAuthority
from broker_sim.settings import Settings, UsageError, sentence_of

_CHEAP: Final = (
    "a world made for tests is not served, because its passwords and keys are cheap: name another"
    " --store or --home"
)


def opened(settings: Settings) -> Broker:
    """Open the store and the place of recordings, and the world in them.

    Raises:
        UsageError: one of them cannot be opened, or the world is for tests. SEC-1.
    """
    if settings.for_tests:
        raise UsageError(_CHEAP)
    with _told("--store and --home say where the world lies, --sessions and --days how much"):
        broker = Broker(settings)
    try:
        _look(broker)
    except BaseException:
        broker.close()
        raise
    return broker


def _look(broker: Broker) -> None:
    if broker.was_opened_for_tests():
        raise UsageError(_CHEAP)
    if broker.settings.workers == 1 and not broker.settings.relay_processes:
        # elsewhere nobody looks: what opens a bucket has threads, which no fork survives
        with _told("--recordings must name a bucket that is there"):
            broker.blobs.look()


def bound(settings: Settings) -> Ports:
    """Bind the ports, and make the certificates where they are missing.

    Raises:
        UsageError: a port cannot be had, or the certificates cannot be used.
    """
    with _told("--host and --name take host names and addresses, --port and the like free ports"):
        try:
            return doors.bind(settings)
        except UnusableAuthority as unusable:
            raise UsageError(str(unusable)) from unusable


@contextmanager
def _told(what_to_do: str) -> Iterator[None]:
    """Make one sentence of whatever cannot be opened: what was wrong, and what to do."""
    try:
        yield
    except UsageError:
        raise
    except (OSError, RuntimeError, ValueError) as wrong:
        raise UsageError(f"{sentence_of(wrong)}; {what_to_do}") from wrong
