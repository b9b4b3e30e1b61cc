"""Exchanges: as the doors tell them to the journal, and as the journal shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)  # not frozen: on the way of every call, where freezing costs 2 us
class Exchange:
    """One call and its answer, as the journal is told of it; not yet redacted.

    Attributes:
        door: the path of the endpoint or page, below the world's own.
        operation: its name on the wire; None where the request named none of ours.
        status: of HTTP; 0 where the connection was cut instead.
        fault: the code of the fault; None for an answer and for a plain 4xx.
        client: address of the caller.
        request: the body.
        response: the body, as far as it is known.
        method: of HTTP.
        path: what was asked for, below the world's own path.
        query: what stood behind the question mark.
        headers: of the request, those that are kept, by lower-case name.
        answered: headers of the answer.
        seconds: how long it took, by the machine's clock.
        arguments: by their Python names; None if there are none or they could not be read.
        asked: the qualified name of a payload that names no operation of ours.
        refusal: the sentence it was refused with, where that is not the whole body.
        ignored: what nobody read: header blocks, fields of a query or a form.
        response_bytes: the body's length, where `response` is not the whole.
        provoked: ids of the tester's rules that struck.
        opened: the id of the connection that it opened.
    """

    door: str
    operation: str | None
    status: int
    fault: str | None
    client: str
    request: bytes = field(repr=False)
    response: bytes = field(repr=False)
    method: str = "POST"
    path: str = ""
    query: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    answered: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    seconds: float = 0.0
    arguments: Mapping[str, Any] | None = field(default=None, repr=False)
    asked: str | None = None
    refusal: str | None = field(default=None, repr=False)
    ignored: tuple[str, ...] = ()
    response_bytes: int | None = None
    provoked: tuple[str, ...] = ()
    opened: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """One exchange as the journal shows it: every secret struck out, long texts cut.

    Attributes:
        number: its place in the world's journal; grows, also over a reset.
        time: of its end, by the world's clock.
        door: the path of the endpoint or page, below the world's own.
        method: of HTTP.
        path: what was asked for, below the world's own path.
        query: the query, its values struck out.
        operation: its name on the wire, "download" or "page"; None where it named none.
        asked: what it asked for where that is no operation of ours.
        status: of HTTP; 0 where the connection was cut.
        fault: the fault's code.
        refusal: the sentence that it was refused with.
        provoked: ids of the tester's rules that struck.
        client: address of the caller.
        login: whose connection it was; None where that is not known.
        connection: which of the connections that the world has opened, by a name of ours.
        seconds: how long it took, by the machine's clock.
        arguments: by their wire names.
        ignored: what nobody read.
        headers: those of the request that matter.
        answered: those of the answer that matter.
        request_bytes: length of the request's body.
        response_bytes: length of the answer's body.
        bodies: makes request and answer readable, which takes a while.
    """

    number: int
    time: datetime
    door: str
    method: str
    path: str
    query: str
    operation: str | None
    asked: str | None
    status: int
    fault: str | None
    refusal: str | None
    provoked: tuple[str, ...]
    client: str
    login: str | None
    connection: str | None
    seconds: float
    arguments: Mapping[str, Any]
    ignored: tuple[str, ...]
    headers: Mapping[str, str]
    answered: Mapping[str, str]
    request_bytes: int
    response_bytes: int
    bodies: Callable[[], tuple[str, str]] = field(repr=False)

    def told(self) -> Mapping[str, Any]:
        """Give all of it by the names of the control API."""
        request, response = self.bodies()
        return {**self.summary(), "request": request, "response": response}

    def summary(self) -> Mapping[str, Any]:
        """Give all but the bodies, by the names of the control API."""
        return {
            "number": self.number,
            "time": self.time,
            "door": self.door,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "operation": self.operation,
            "asked": self.asked,
            "status": self.status,
            "fault": self.fault,
            "refusal": self.refusal,
            "provoked": list(self.provoked),
            "client": self.client,
            "login": self.login,
            "connection": self.connection,
            "seconds": round(self.seconds, 6),
            "arguments": self.arguments,
            "ignored": list(self.ignored),
            "headers": self.headers,
            "answered": self.answered,
            "requestBytes": self.request_bytes,
            "responseBytes": self.response_bytes,
        }
