"""What a case did, exactly enough to do it again: what it asked of its world, what it started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from conformance.client.adapter import Start
from conformance.client.pacing import ticks
from conformance.control import written


@dataclass(frozen=True, slots=True)
class Asked:
    """Something was asked of the control API; `at` is in seconds of a clock that never jumps.

    Attributes:
        path: in parts, below the world; empty where the world is made.
        body: as it goes into JSON.
        answered: the id of the session that the answer names; None where it names none.
    """

    at: float
    method: str
    path: tuple[str, ...]
    body: Mapping[str, Any] | None
    answered: int | None


@dataclass(frozen=True, slots=True)
class Started:
    """The client was started, for the time as number `number`."""

    at: float
    number: int
    start: Start


@dataclass(frozen=True, slots=True)
class Signalled:
    """A start of the client was told to end, by a signal of this name."""

    at: float
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A start of the client was waited for, and has ended by itself."""

    at: float
    number: int


@dataclass(frozen=True, slots=True)
class Emptied:
    """A folder of the case was made, or made anew with nothing in it."""

    at: float
    name: str


Doing: TypeAlias = Asked | Started | Signalled | Ended | Emptied


@dataclass(slots=True)
class Diary:
    """The doings of one case.

    Attributes:
        names: texts that differ each time, with what a shell has in their place.
        secrets: passwords and keys, with the names that a script gives them.
        elsewhere: why a script could not do this; empty if it can.
    """

    doings: list[Doing] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)

    def asked(
        self,
        method: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | None,
        answer: Mapping[str, Any],
    ) -> None:
        """Note that something was asked of the world; questions change nothing and are left out."""
        if method == "GET":
            return
        for name in ("password", "passphrase"):
            if body and name in body:
                self.secret(name, str(body[name]))
        session = answer.get("sessionId")
        number = session if isinstance(session, int) else None
        self.doings.append(Asked(ticks(), method, path, written(body), number))

    def started(self, number: int, start: Start) -> None:
        """Note a start of the client."""
        self.doings.append(Started(ticks(), number, start))

    def signalled(self, number: int, name: str) -> None:
        """Note a signal to one of them."""
        self.doings.append(Signalled(ticks(), number, name))

    def ended(self, number: int) -> None:
        """Note that one of them has ended; once, and not where it was told to."""
        if not any(getattr(each, "number", None) == number for each in self._ends()):
            self.doings.append(Ended(ticks(), number))

    def emptied(self, name: str) -> None:
        """Note that a folder of the case is there and empty now."""
        self.doings.append(Emptied(ticks(), name))

    def _ends(self) -> Iterator[Doing]:
        return (each for each in self.doings if isinstance(each, (Ended, Signalled)))

    def learn(self, values: Mapping[str, str]) -> None:
        """Note what of a start's values is secret."""
        for name, text in values.items():
            if "password" in name or name == "security_key":
                self.secret(name, text)

    def secret(self, name: str, text: str) -> None:
        """Note a text that nothing which is written may hold."""
        if text and text not in self.secrets:
            self.secrets[text] = f"{name.upper()}_{len(self.secrets) + 1}"


NOT_HERE: Final = {
    "ca": "the broker speaks TLS with a certificate of the suite",
    "proxy": "the calls go through a proxy of the suite",
}
