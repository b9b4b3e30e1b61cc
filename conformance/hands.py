"""The verbs of a history: everything that a suite can do to a target, by name.

A verb takes plain values and gives an outcome; so the same verbs make a history, replay it
and shrink it. Verbs that do several calls at once, or compare what they got, live with the
chapter that needs them and join by `@verb`.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final, Protocol, TypeVar

from broker_sim.contract import limits
from conformance.caller import Outcome, Reply
from conformance.exchange import NoAnswer, Unreachable
from conformance.passive import Finding
from conformance.target import Target
from conformance.waiting import wait

T = TypeVar("T")

# Bodies up to this many bytes are kept in an outcome as text.
_SHOWN_BYTES: Final = 400
# What the clock says to a suite that has none to ask.
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Missing(Exception):  # noqa: N818  # told in words, not our error
    """The target lacks what a check needs; the message says what, and how to give it."""


class Verb(Protocol):
    """What can be done: plain arguments in, an outcome out."""

    def __call__(self, hands: "Hands", /, **arguments: Any) -> Outcome:
        """Do it."""
        ...


VERBS: Final[dict[str, Verb]] = {}


def verb(function: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """Make a function a verb, under its own name.

    Raises:
        ValueError: another verb has it; a history names its steps by it.
    """
    if function.__name__ in VERBS:
        msg = f"there are two verbs {function.__name__!r}"
        raise ValueError(msg)
    VERBS[function.__name__] = function
    return function


class Hands:
    """Does things to a target; keeps nothing but the clock, findings and the last wire."""

    def __init__(self, target: Target) -> None:
        self.target: Final = target
        self.now = _BEGINNING
        self.findings: list[Finding] = []
        self.wire: tuple[bytes, bytes] = (b"", b"")
        self.waits: Callable[[float], None] = lambda _seconds: None
        self._page_max: dict[str, int] = {}

    def do(self, name: str, arguments: Mapping[str, Any]) -> Outcome:
        """Do one verb; a target that is gone, or hangs up, is an outcome, too."""
        self.findings, self.wire = [], (b"", b"")
        try:
            return VERBS[name](self, **arguments)
        except (NoAnswer, Unreachable) as error:
            return {"broken": str(error)}

    def call(
        self, name: str, /, version: str = "1.1", service: str = "Sessions", **arguments: Any
    ) -> Outcome:
        """Call an operation; what it breaks in passing is kept."""
        reply = self.quiet_call(name, version, service, **arguments)
        self.findings.extend(reply.findings)
        received = b"" if reply.answer is None else reply.answer.body
        self.wire = (reply.sent, received)
        return reply.outcome

    def quiet_call(
        self, name: str, /, version: str = "1.1", service: str = "Sessions", **arguments: Any
    ) -> Reply:
        """Call an operation from any thread.

        Raises:
            Missing: the target publishes no such service.
        """
        try:
            caller = self.target.service(service)
        except Unreachable as error:
            msg = f"no {service} service: {error}"
            raise Missing(msg) from error
        return caller.call(name, arguments, version)

    def wait(self, seconds: float) -> None:
        """Let real time pass, and tell so."""
        self.waits(seconds)
        wait(seconds)

    def full_page(self, limit: int | None, connection_id: str) -> int:
        """Tell how many items a page has that may not be the last one."""
        if connection_id not in self._page_max:
            told = self.quiet_call("getPortal", connection_id=connection_id).outcome.get("gives")
            most = told.get("page_max") if isinstance(told, dict) else None
            self._page_max[connection_id] = most if isinstance(most, int) else limits.PAGE_MAX
        page_max = self._page_max[connection_id]
        return page_max if limit is None else min(limit, page_max)

    def control(
        self,
        method: str,
        path: Sequence[str],
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Ask the control API.

        Raises:
            Missing: the target has none.
        """
        if self.target.control is None:
            msg = "no control API: give --control URL --token TOKEN"
            raise Missing(msg)
        return self.target.control.ask(method, path, body, query)

    def at_once(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        """Do jobs at the same time, each in a thread with connections of its own."""
        with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
            running = [pool.submit(self._and_close, job) for job in jobs]
            return [job.result() for job in running]

    def _and_close(self, job: Callable[[], T]) -> T:
        try:
            return job()
        finally:
            self.target.close()


@verb
def call(
    hands: Hands,
    /,
    *,
    name: str,
    version: str = "1.1",
    service: str = "Sessions",
    **arguments: Any,
) -> Outcome:
    """Call one operation of the contract."""
    return hands.call(name, version, service, **arguments)


@verb
def control(
    hands: Hands, /, *, method: str, path: Sequence[str], body: Mapping[str, Any] | None = None
) -> Outcome:
    """Ask the control API for anything but time."""
    return hands.control(method, path, body)


@verb
def advance(hands: Hands, /, *, to: datetime) -> Outcome:
    """Let virtual time go on to an instant."""
    if hands.target.control is None:
        msg = "no clock: give --control URL --token TOKEN"
        raise Missing(msg)
    hands.now = hands.target.control.advance(to)
    return {"gives": hands.now}


@verb
def download(
    hands: Hands, /, *, url: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> Outcome:
    """Fetch a file by its URL."""
    answer = hands.target.http.send(method, url, headers or {})
    outcome: Outcome = {
        "status": answer.status,
        "size": len(answer.body),
        "sha256": hashlib.sha256(answer.body).hexdigest(),
        "length": answer.headers.get("content-length"),
        "range": answer.headers.get("content-range"),
        "etag": answer.headers.get("etag"),
    }
    if answer.status >= 400:
        outcome["text"] = answer.body[:_SHOWN_BYTES].decode("utf-8", "replace")
    return outcome
