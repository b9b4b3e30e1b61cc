"""Which handler answers a path; and that some answer always comes.

A door knows paths, handlers and how long a body may be, nothing of what is said inside.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from broker_sim.front.limits import MAX_BODY_BYTES
from broker_sim.front.writing import sentence
from broker_sim.service.exchange import Answer, Handler, Reply, Request

LOG: Final = logging.getLogger("broker_sim.front")
DAYS: Final = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SECOND: Final = timedelta(seconds=1)
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Route:
    """A path and who answers it.

    Attributes:
        path: as it stands in a URL, decoded; begins with a slash.
        handler: called on the event loop with a whole request; must not wait.
        max_body_bytes: a longer body is refused with 413, unseen.
        below: whether every path under this one belongs to the route too.
        unserved: told of each answer that is given in the handler's place: the request did not
            come whole, its caller went away, or something went wrong inside.
    """

    path: str
    handler: Handler
    max_body_bytes: int = MAX_BODY_BYTES
    below: bool = False
    unserved: Callable[[Request, Answer], None] | None = None


def http_date(now: datetime) -> str:
    """Say an instant as HTTP does, whatever the machine's language; `now` is in UTC."""
    day, month = DAYS[now.weekday()], MONTHS[now.month - 1]
    return f"{day}, {now:%d} {month} {now:%Y %H:%M:%S} GMT"


class Door:
    """The routes of one listener.

    Args:
        routes: an exact path goes before a path above it, a longer path before a shorter.
        incidents: gives a new id for each thing that goes wrong inside.
        elsewhere: asked for a path that is none of the routes'; None where it knows none.
        lost: told of each request that nobody answers, and what it was told.
        today: the machine's time, in UTC, for the Date field; without it no Date is sent, as a
            server without a clock must do.

    Raises:
        ValueError: a path does not begin with a slash, or comes twice.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        incidents: Callable[[], str] | None = None,
        elsewhere: Callable[[str], Route | None] | None = None,
        lost: Callable[[Request, Answer], None] | None = None,
        today: Callable[[], datetime] | None = None,
    ) -> None:
        self.routes = tuple(routes)
        self._incidents = incidents or map("front-{:06}".format, count(1)).__next__
        self._elsewhere = elsewhere
        self._lost = lost
        self._today = today
        self._date = (_LONG_AGO, _LONG_AGO, "")
        _check(self.routes)
        self._exact = {route.path: route for route in self.routes}
        wide = sorted((r for r in self.routes if r.below), key=lambda r: -len(r.path))
        self._wide = tuple((route.path.rstrip("/") + "/", route) for route in wide)
        self._none = Route("", self._not_found)

    def find(self, path: str) -> Route:
        """Find who answers this path; for an unknown one, who says so."""
        route = self._exact.get(path)
        if route is None:
            for above, wide in self._wide:
                if path.startswith(above):
                    return wide
            found = None if self._elsewhere is None else self._elsewhere(path)
            return found or self._none
        return route

    def ask(self, route: Route, request: Request) -> Reply:
        """Let the handler answer; whatever goes wrong inside it, an answer comes."""
        try:
            return route.handler(request)
        except Exception as failure:  # noqa: BLE001  the last line before the wire
            return self.incident(route, request, failure)

    def incident(self, route: Route, request: Request, failure: BaseException) -> Answer:
        """Log what went wrong inside, without the request's body, and answer with its id."""
        name = self._incidents()
        LOG.error("incident %s: %s %r", name, request.method, request.path, exc_info=failure)
        answer = sentence(500, f"Something went wrong inside the simulator. Incident {name}.")
        self.unserved(route, request, answer)
        return answer

    def unserved(self, route: Route | None, request: Request, answer: Answer) -> None:
        """Tell whoever wants to know it of an answer that no handler gave."""
        if route is not None and route.unserved is not None:
            route.unserved(request, answer)

    def date(self) -> str:
        """Give the Date field as a whole line; nothing without a clock."""
        if self._today is None:
            return ""
        now = self._today()
        begin, end, line = self._date
        if not begin <= now < end:  # a third of what it takes to tell the second
            begin = now.replace(microsecond=0)
            line = f"date: {http_date(now)}\r\n"
            self._date = (begin, begin + _SECOND, line)
        return line

    def _not_found(self, request: Request) -> Reply:
        paths = sorted({f"{r.path.rstrip('/')}/..." if r.below else r.path for r in self.routes})
        doors = f"The doors are: {', '.join(paths)}." if paths else "There are no doors."
        answer = sentence(404, f"There is nothing at this path. {doors}")
        if self._lost is not None:
            self._lost(request, answer)
        return answer


def _check(routes: tuple[Route, ...]) -> None:
    seen: set[str] = set()
    for route in routes:
        if not route.path.startswith("/") or route.path in seen:
            msg = f"a path must begin with a slash and come once: {route.path!r}"
            raise ValueError(msg)
        seen.add(route.path)
