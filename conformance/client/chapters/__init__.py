"""The chapters of the client direction; importing this makes their cases known."""

from conformance.client.chapters import (
    connection,
    durable,
    keys,
    kinds,
    later,
    locking,
    network,
    once,
    polling,
    portals,
    proxies,
    ranges,
    schedules,
    storing,
)

__all__ = [
    "connection",
    "durable",
    "keys",
    "kinds",
    "later",
    "locking",
    "network",
    "once",
    "polling",
    "portals",
    "proxies",
    "ranges",
    "schedules",
    "storing",
]
