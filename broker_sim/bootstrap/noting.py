"""What the doors of a world tell its journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from broker_sim.adapters.redaction import field_names
from broker_sim.bootstrap.broker import Broker
from broker_sim.service.exchange import Answer, Cut, Handler, Offload, Reply, Request, Stream, Wait
from broker_sim.service.seen import Exchange

# Headers of a request that are kept, and how much of one, and of a path.
_HEADERS: Final = ("content-type", "soapaction", "user-agent", "range")
_HEADER_MOST: Final = 200
_PATH_MOST: Final = 500
_UNREAD: Final = "unread-fields"  # an answer's header that names fields of a form
_FORM: Final = "application/x-www-form-urlencoded"
_FIELDS_MOST: Final = 100


def of_soap(broker: Broker) -> Callable[[Exchange, Request], None]:
    """Give what tells the journal of each exchange of an endpoint; it is on the hot path."""
    add, clock = broker.journal.add, broker.world.clock
    heads: Mapping[str, str] = {}
    kept: Mapping[str, str] = {}

    def observe(done: Exchange, request: Request) -> None:
        nonlocal heads, kept
        if request.headers is not heads:  # the front gives the same for a caller's same head
            heads, kept = request.headers, _kept(request.headers)
        done.headers = kept
        if request.query:
            done.ignored = _passed_over(done, request)
            done.query = request.query[:_PATH_MOST]
        add(done, clock.now())

    return observe


def _passed_over(done: Exchange, request: Request) -> tuple[str, ...]:
    """Give what nobody read of a request with a query: no call reads any of it."""
    if request.method != "POST":
        return done.ignored
    return (*done.ignored, *(f"query field {name}" for name in field_names(request.query)))


def noted(
    broker: Broker,
    door: str,
    operation: str,
    handler: Handler,
    *,
    reads: tuple[str, ...] = (),
    rules: Sequence[str] = (),
    worded: Callable[[Exchange, Request], Exchange] = lambda done, _request: done,
) -> Handler:
    """Tell the journal of what a page or a download answers.

    Args:
        broker: whose journal.
        door: the path of the route.
        operation: what the journal calls it.
        handler: who answers.
        reads: the fields of a query that it knows.
        rules: what holds, once there is an answer, the ids of the tester's rules that struck.
        worded: says an exchange in better words than those of any page.
    """

    def note(request: Request, began: float, reply: Reply) -> Reply:
        if isinstance(reply, Offload):
            return Offload(reply.work, lambda done: note(request, began, reply.then(done)))
        if isinstance(reply, Wait):
            return Wait(reply.seconds, lambda: note(request, began, reply.then()), reply.bell)
        said = worded(_said(door, operation, request, reply), request)
        ignored = _unread(said, reads)
        took = perf_counter() - began
        done = replace(said, ignored=ignored, seconds=took, provoked=tuple(rules))
        broker.journal.add(done, broker.world.clock.now())
        return reply

    return lambda request: note(request, perf_counter(), handler(request))


def of_unserved(broker: Broker, door: str = "") -> Callable[[Request, Answer], None]:
    """Give what tells the journal of answers that no handler gave; "" is the door of lost paths."""
    prefix = urlsplit(broker.base_url).path

    def unserved(request: Request, answer: Answer) -> None:
        below = replace(request, path=request.path.removeprefix(prefix))
        broker.journal.add(_said(door, None, below, answer), broker.world.clock.now())

    return unserved


def _said(
    door: str, operation: str | None, request: Request, reply: Answer | Stream | Cut
) -> Exchange:
    body = reply.body if isinstance(reply, Answer) else b""
    length, refusal = None, None
    if isinstance(reply, Stream):
        length = reply.length if reply.breaks_at is None else min(reply.breaks_at, reply.length)
        refusal = None if length == reply.length else f"it broke off after {length} bytes"
    return Exchange(
        door,
        operation,
        0 if isinstance(reply, Cut) else reply.status,
        None,
        request.client,
        request.body,
        reply.after if isinstance(reply, Cut) else body,
        request.method,
        request.path[:_PATH_MOST],
        request.query[:_PATH_MOST],
        _kept(request.headers),
        () if isinstance(reply, Cut) else reply.headers,
        arguments=_form(request),
        refusal=refusal,
        response_bytes=length,
    )


def _unread(said: Exchange, reads: tuple[str, ...]) -> tuple[str, ...]:
    """Give what nobody read: as the pages tell it, else what the query has that is not known."""
    for name, value in said.answered:
        if name.lower() == _UNREAD:
            return tuple(f"field {one}" for one in value.split(", "))
    return tuple(f"query field {name}" for name in field_names(said.query) if name not in reads)


def _form(request: Request) -> Mapping[str, str] | None:
    """Give the fields of a form that was sent."""
    if not request.headers.get("content-type", "").startswith(_FORM):
        return None
    try:
        text = request.body.decode()
        return dict(parse_qsl(text, max_num_fields=_FIELDS_MOST))
    except ValueError:  # of another coding, or too many
        return None


def _kept(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name: value[:_HEADER_MOST] for name in _HEADERS if (value := headers.get(name)) is not None
    }
