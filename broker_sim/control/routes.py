"""The routes of the control API: each exists for the default world and for every other one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol, TypeAlias

from flask import Flask, Response, g, jsonify, request

from broker_sim.control.given import object_of, read_json
from broker_sim.control.shapes import Shape, check
from broker_sim.service.tester import Tester

PATH: Final = "/_sim"

Told: TypeAlias = Mapping[str, Any] | Response
Does: TypeAlias = Callable[..., Told]


class Snapshot(Protocol):
    """A world at one moment."""

    def told(self) -> Mapping[str, Any]:
        """Tell it by the names of the control API."""


class Snapshots(Protocol):
    """The snapshots of one world. A name that there is none of raises LookupError."""

    def list(self) -> Sequence[Snapshot]:
        """Give all, oldest first."""

    def take(self, name: str | None = None) -> Snapshot:
        """Keep the world as it is now; one of the same name before is replaced."""

    def restore(self, name: str) -> Snapshot:
        """Bring the world back to where it was; the snapshot stays."""

    def drop(self, name: str) -> None:
        """Forget one."""


class Hand(Protocol):
    """One world in the tester's hand."""

    @property
    def tester(self) -> Tester:
        """What a tester may do to it."""

    @property
    def snapshots(self) -> Snapshots:
        """Its snapshots."""

    def export(self) -> Mapping[str, Any]:
        """Give it as a document that another world can be made of."""

    def describe(self) -> Mapping[str, Any]:
        """Tell the world with its URLs and the passwords of its seeded logins."""

    def outline(self) -> Mapping[str, Any]:
        """Tell it in short, its portals and people left out."""

    def portal(self, name: str) -> Mapping[str, Any]:
        """Tell one portal as `describe` does; LookupError where there is none of that name."""

    def representative(self, email: str) -> Mapping[str, Any]:
        """Tell one representative as `describe` does; LookupError where there is none."""


class Tls(Protocol):
    """The certificate of the product's door."""

    @property
    def shown(self) -> str:
        """Which kind is shown."""

    def show(self, kind: str) -> None:
        """Show another one from the next handshake on."""


class Worlds(Protocol):
    """The worlds of a process. A name that there is none of raises LookupError."""

    @property
    def tls(self) -> Tls | None:
        """Which certificate their door shows; None where it speaks plain HTTP."""

    def hand(self, name: str | None) -> Hand:
        """Give one world; the default one for None."""

    def names(self) -> list[str]:
        """Give the names of all worlds, the default one first."""

    def new(self, given: Mapping[str, Any]) -> str:
        """Make a world; give its name.

        Raises:
            ValueError: a wrong value, named; a name that is taken; too many worlds.
        """

    def drop(self, name: str) -> None:
        """End a world. The default one cannot be dropped: ValueError."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route as it is declared: the checks and the OpenAPI document are made from this.

    Attributes:
        method: of HTTP.
        rule: the path behind `/_sim`, or behind `/_sim/worlds/NAME`.
        does: the handler.
        of_world: whether it is about one world, and so has a path for each.
        gives: the shape of the answer.
        takes: the shape of the body; None for a route that reads none.
        asks: the shape of each parameter of the query; what is not here is refused.
        refuses: whether the rules may refuse it, with 409.
        checks: whether a call is held against all this first; not where the handler looks at
            what it is given more closely, and says more.
    """

    method: str
    rule: str
    does: Does
    of_world: bool
    gives: Shape
    takes: Shape | None = None
    asks: Mapping[str, Shape] = field(default_factory=dict)
    refuses: bool = False
    checks: bool = True

    @property
    def paths(self) -> Sequence[str]:
        """Where it answers: a world's routes stand at the root for the default world, too."""
        roots = (PATH, f"{PATH}/worlds/<world>") if self.of_world else (PATH,)
        return [f"{root}{self.rule}" for root in roots]

    def check(self) -> None:
        """Hold the call that is being answered against what is declared.

        What is null in the body is as good as not said.

        Raises:
            ValueError: something in it is wrong, or not known here.
        """
        if not self.checks:
            return
        shape = {"properties": self.asks, "additionalProperties": False}
        asked = {name: _read(self.asks.get(name), text) for name, text in request.args.items()}
        check(shape, asked)
        if self.takes is not None:
            check(self.takes, body())
            g.given = {name: value for name, value in body().items() if value is not None}


class Routes:
    """Collects the routes, and registers them with the application.

    A handler of a world gets its `Hand` first, then what stands in the path; it gives what
    the answer's JSON object holds. The first line of its docstring is its summary. What a
    route declares is described at `Route`.

    Args:
        worlds: whose worlds it is about.
    """

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self.table: list[Route] = []

    def get(self, rule: str, **declared: Any) -> Callable[[Does], Does]:
        """Answer GET at this path below a world."""
        return self._add("GET", rule, of_world=True, **declared)

    def post(self, rule: str, **declared: Any) -> Callable[[Does], Does]:
        """Answer POST at this path below a world."""
        return self._add("POST", rule, of_world=True, **declared)

    def put(self, rule: str, **declared: Any) -> Callable[[Does], Does]:
        """Answer PUT at this path below a world."""
        return self._add("PUT", rule, of_world=True, **declared)

    def patch(self, rule: str, **declared: Any) -> Callable[[Does], Does]:
        """Answer PATCH at this path below a world."""
        return self._add("PATCH", rule, of_world=True, **declared)

    def delete(self, rule: str, **declared: Any) -> Callable[[Does], Does]:
        """Answer DELETE at this path below a world."""
        return self._add("DELETE", rule, of_world=True, **declared)

    def whole(self, method: str, rule: str, **declared: Any) -> Callable[[Does], Does]:
        """Answer at a path that is about the process, not about one world."""
        return self._add(method, rule, of_world=False, **declared)

    def _add(self, method: str, rule: str, **declared: Any) -> Callable[[Does], Does]:
        def register(does: Does) -> Does:
            self.table.append(Route(method, rule, does, **declared))
            return does

        return register

    def register(self, app: Flask) -> None:
        """Let the application answer at all paths of the table."""
        for route in self.table:
            for path in route.paths:
                name = f"{route.method} {path}"
                app.add_url_rule(path, name, self._view(route), methods=[route.method])

    def _view(self, route: Route) -> Callable[..., Response]:
        def of_world(world: str | None = None, **named: str) -> Response:
            hand = self.worlds.hand(world)
            route.check()
            return answer(route.does(hand, **named))

        def of_process(**named: str) -> Response:
            route.check()
            return answer(route.does(**named))

        return of_world if route.of_world else of_process


def body() -> Mapping[str, Any]:
    """Give the JSON object that the request carries; an empty body is an empty object.

    What the Content-Type says does not count: curl and others call whatever they send a form.

    Raises:
        ValueError: it carries something else.
    """
    if "given" not in g:
        g.given = object_of(read_json(request.get_data()))
    given: Mapping[str, Any] = g.given
    return given


def _read(shape: Shape | None, text: str) -> Any:
    """Read a parameter of the query: as a number where one is wanted and it looks like one."""
    wants_number = shape is not None and shape.get("type") == "integer"
    return int(text) if wants_number and re.fullmatch("[0-9]{1,18}", text) else text


def answer(told: Told) -> Response:
    """Write an answer; one that is written already stays as it is."""
    return told if isinstance(told, Response) else jsonify(shown(told))


def shown(value: Any) -> Any:
    """Give a value as JSON shows it: instants in UTC with a Z, to the millisecond."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {name: shown(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value]
    return value
