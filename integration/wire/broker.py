"""The broker's Sessions service as the pipeline sees it: typed calls on the login's connection.

Source: C-CONN-1, C-POLL-2, C-NET-2.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from integration.core.ports import Clock
from integration.core.record import Portal, Session, Update, instant, problems
from integration.core.window import Window
from integration.errors import Distrust, Park, Retry
from integration.wire import shapes
from integration.wire.connection import Connection, Login
from integration.wire.http import Http
from integration.wire.refusals import ConnectionLost, RateLimited, in_listing
from integration.wire.soap import Service

PAGE_MAX: Final = 1000
# A broker that always says "too many calls" is one that does not work
_PATIENCE: Final = 30
_log = logging.getLogger("integration.wire")
T = TypeVar("T")


class Broker:
    """One portal's sessions. Threads may share it; calls go out one at a time."""

    def __init__(
        self, http: Http, wsdl: str, address: str, folder: Path, login: Login, clock: Clock
    ) -> None:
        self._http = http
        self._where = (wsdl, address)
        self._clock = clock
        self._connection = Connection(folder, login, clock)
        self._guard = threading.RLock()
        self._service: Service | None = None
        self._connection_id: str | None = None

    def connect(self) -> Portal:
        """Be logged on, by an earlier connection or a new one, and read the portal."""
        return self.portal()

    def close(self) -> None:
        """Log off, unless another process of this client uses the connection."""
        with self._guard:
            if self._service is not None:
                service = self._service
                self._connection.leave(lambda i: self._send(service, "logoff", i, {}))
            self._service = None
            self._connection_id = None

    def portal(self) -> Portal:
        """Read the portal, with the broker's time."""
        return _retried(shapes.portal, self._call("getPortal"))

    def session(self, session_id: int) -> Session:
        """Read one session.

        Raises:
            Park: the broker does not have it, or no longer.
            Distrust: the answer is not a session, or not this one.
        """
        found = shapes.session(self._call("getSession", sessionId=session_id))
        if found.session_id != session_id:
            raise Distrust("the broker answered with another session")
        if unfit := problems(found):
            raise Distrust("; ".join(unfit))
        return found

    def session_ids(
        self, window: Window, *, by: str = "Ended", after: int | None = None
    ) -> Sequence[int]:
        """Read one page of the sessions of a range.

        Raises:
            BehindEdge: the range starts before the broker's retention.
            PageLost: `after` is gone; list again from the start.
        """
        asked: dict[str, object] = {
            "from": instant(window.start),
            "to": instant(window.end),
            "by": by,
            "max": PAGE_MAX,
        }
        if after is not None:
            asked["after"] = after
        try:
            return _retried(shapes.ids, self._call("getSessionIds", **asked))
        except Park as error:
            raise in_listing(error) from None

    def last_update_id(self) -> int:
        """Read the newest place in the change log."""
        return _retried(shapes.number, self._call("getLastUpdateId"))

    def updates(self, since: int) -> Sequence[Update]:
        """Read one page of the change log behind `since`.

        Raises:
            LogTruncated: the log no longer goes back so far.
            CursorAhead: the log ends before `since`.
            Retry: the page is not in order: it is not to be trusted.
        """
        page = _retried(shapes.updates, self._call("getUpdates", since=since, max=PAGE_MAX))
        places = [since, *(update.update_id for update in page)]
        if any(a >= b for a, b in itertools.pairwise(places)):
            raise Retry("the page of updates is not in order")
        return page

    def default_key(self, version: int) -> bytes:
        """Read a default wrapping key; raises `Park` if the broker withholds it."""
        return _retried(shapes.key, self._call("getDefaultKey", keyVersion=version))

    def _call(self, operation: str, **arguments: object) -> Any:
        """Call on the connection; log on first, and once again if it has ended meanwhile."""
        with self._guard:
            service = self._ready()
            if self._connection_id is None:
                self._connection_id = self._connection.take(self._log_on(service))
            try:
                return self._send(service, operation, self._connection_id, arguments)
            except ConnectionLost as lost:
                _log.info("%s: logging on again", lost)
            self._connection_id = self._connection.take(
                self._log_on(service), instead_of=self._connection_id
            )
            try:
                return self._send(service, operation, self._connection_id, arguments)
            except ConnectionLost as lost:
                self._connection_id = None
                raise Retry(f"{lost}, right after the logon") from None

    def _send(
        self, service: Service, operation: str, connection_id: str, arguments: dict[str, object]
    ) -> Any:
        """Send a call; while the broker says "too many", wait as long as it says."""
        for _ in range(_PATIENCE):
            try:
                return service.call(operation, connectionId=connection_id, **arguments)
            except RateLimited as limited:
                _log.debug("%s: waiting %s s", limited, limited.after)
                if self._clock.wait(limited.after or 1.0):
                    break
        raise Retry("too many calls, again and again")

    def _ready(self) -> Service:
        if self._service is None:
            self._service = Service(self._http, *self._where)
        return self._service

    def _log_on(self, service: Service) -> Callable[[str, str], str]:
        return lambda username, password: shapes.text(
            service.call("logon", username=username, password=password)
        )


def _retried(take: Callable[[object], T], raw: object) -> T:
    """Take an answer that is not about one session: if it is odd, ask again later."""
    try:
        return take(raw)
    except Distrust as odd:
        raise Retry(str(odd)) from None
