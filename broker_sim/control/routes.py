"""The routes of the control API: each exists for the default world and for every other one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol, TypeAlias

from flask import Flask, Response, jsonify, request

from broker_sim.control.given import object_of, read_json
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


class Worlds(Protocol):
    """The worlds of a process. A name that there is none of raises LookupError."""

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


class Routes:
    """Registers handlers with the application.

    A handler of a world gets its `Hand` first, then what stands in the path; it gives what
    the answer's JSON object holds. The first line of its docstring is its summary.

    Args:
        app: the control application.
        worlds: whose worlds it is about.
    """

    def __init__(self, app: Flask, worlds: Worlds) -> None:
        self.app = app
        self.worlds = worlds

    def get(self, rule: str) -> Callable[[Does], Does]:
        """Answer GET at this path below a world."""
        return self._of_world("GET", rule)

    def post(self, rule: str) -> Callable[[Does], Does]:
        """Answer POST at this path below a world."""
        return self._of_world("POST", rule)

    def put(self, rule: str) -> Callable[[Does], Does]:
        """Answer PUT at this path below a world."""
        return self._of_world("PUT", rule)

    def patch(self, rule: str) -> Callable[[Does], Does]:
        """Answer PATCH at this path below a world."""
        return self._of_world("PATCH", rule)

    def delete(self, rule: str) -> Callable[[Does], Does]:
        """Answer DELETE at this path below a world."""
        return self._of_world("DELETE", rule)

    def whole(self, method: str, rule: str) -> Callable[[Does], Does]:
        """Answer at a path that is about the process, not about one world."""

        def register(does: Does) -> Does:
            def view(**named: str) -> Response:
                return answer(does(**named))

            self.app.add_url_rule(f"{PATH}{rule}", f"{method} {rule}", view, methods=[method])
            return does

        return register

    def _of_world(self, method: str, rule: str) -> Callable[[Does], Does]:
        def register(does: Does) -> Does:
            def view(world: str | None = None, **named: str) -> Response:
                return answer(does(self.worlds.hand(world), **named))

            for place in (PATH, f"{PATH}/worlds/<world>"):
                name = f"{method} {place}{rule}"
                self.app.add_url_rule(f"{place}{rule}", name, view, methods=[method])
            return does

        return register


def body() -> Mapping[str, Any]:
    """Give the JSON object that the request carries; an empty body is an empty object.

    Raises:
        ValueError: it carries something else.
    """
    return object_of(read_json(request.data))


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
