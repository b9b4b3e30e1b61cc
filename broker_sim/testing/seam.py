"""The seam: parts of the broker replaced by name, for as long as a `with` block lasts.

For brokers that are wrong on purpose: the suites are judged by whether they catch them. An
overlay lies outside the broker's source and names what it replaces by its dotted place.

A function or table is replaced wherever the broker's modules hold it, so that modules which took
it by `from ... import` and tables of functions see the replacement, too. A place that does not
exist is an error; one that was never called is told, so that an overlay which changes nothing
cannot pass for one that nobody notices.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final, TypeAlias

# Given what stands at a place, gives what shall stand there.
Wrap: TypeAlias = Callable[[Any], Any]

_OURS: Final = "broker_sim"
# What a judge in the same process reads too: replaced, it would bend the judge with the broker.
_SHARED: Final = (f"{_OURS}.contract", f"{_OURS}.testing")


class NoSuchPlace(LookupError):  # noqa: N818  it says what is missing
    """Nothing stands at the place that an overlay names, or it must not be replaced."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """One part of the broker and what is to stand in its place.

    Attributes:
        place: where it is defined, dotted: "broker_sim.core.lockout.settle",
            "broker_sim.adapters.sql_log.LogRows.floor".
        wrap: takes what stands there and gives the replacement. Of a property, a static or a
            class method it takes and gives the plain function.
    """

    place: str
    wrap: Wrap


@dataclass(slots=True)
class Seam:
    """What is replaced at the moment, and which of it was used."""

    places: tuple[str, ...]
    reached: set[str] = field(default_factory=set)

    @property
    def unreached(self) -> tuple[str, ...]:
        """The places that nobody has called so far."""
        return tuple(place for place in self.places if place not in self.reached)


@contextmanager
def replaced(*overlays: Overlay) -> Iterator[Seam]:
    """Lay overlays over the broker, in this process; later ones lie over earlier ones.

    Raises:
        NoSuchPlace: an overlay names a place that is not there; nothing stays replaced.
        ValueError: an overlay gives back what it was given.
    """
    seam = Seam(tuple(overlay.place for overlay in overlays))
    with ExitStack() as stack:
        for overlay in overlays:
            stack.enter_context(_laid(overlay, seam))
        yield seam


@contextmanager
def _laid(overlay: Overlay, seam: Seam) -> Iterator[None]:
    holder, name = _holder(overlay.place)
    raw = vars(holder)[name]
    new = _made(raw, overlay, seam)
    setattr(holder, name, new)
    held_elsewhere = callable(raw) or isinstance(raw, Mapping)
    if held_elsewhere:
        _sweep(raw, new)
    try:
        yield
    finally:
        setattr(holder, name, raw)
        if held_elsewhere:
            _sweep(new, raw)  # modules imported meanwhile have taken the replacement


def _holder(place: str) -> tuple[ModuleType | type, str]:
    """Give the module or class in which the place is defined, and its name there."""
    if not place.startswith(f"{_OURS}.") or place.startswith(_SHARED):
        msg = f"{place} is no part of the broker alone"
        raise NoSuchPlace(msg)
    *path, name = place.split(".")
    holder, rest = _module(path)
    for step in rest:
        holder = vars(holder).get(step)
        if not isinstance(holder, type):
            msg = f"{place}: {step} is no class"
            raise NoSuchPlace(msg)
    if name not in vars(holder):
        msg = f"{place}: {name} is not defined there"
        raise NoSuchPlace(msg)
    return holder, name


def _module(path: list[str]) -> tuple[Any, list[str]]:
    """Import the longest part of the path that is a module; give it and the rest."""
    for length in range(len(path), 0, -1):
        name = ".".join(path[:length])
        try:
            return importlib.import_module(name), path[length:]
        except ModuleNotFoundError as missing:
            if missing.name is None or not name.startswith(missing.name):
                raise
    raise NoSuchPlace(".".join(path))


def _made(raw: Any, overlay: Overlay, seam: Seam) -> Any:
    match raw:
        case staticmethod() | classmethod():
            return type(raw)(_noted(raw.__func__, overlay, seam))
        case property():
            return property(_noted(raw.fget, overlay, seam))
        case _ if callable(raw) and not isinstance(raw, type):
            return _noted(raw, overlay, seam)
    seam.reached.add(overlay.place)  # nobody can tell who looks at a class or a plain value
    return _changed(raw, overlay)


def _changed(old: Any, overlay: Overlay) -> Any:
    new = overlay.wrap(old)
    if new is old:
        msg = f"{overlay.place}: the overlay changes nothing"
        raise ValueError(msg)
    return new


def _noted(old: Any, overlay: Overlay, seam: Seam) -> Callable[..., Any]:
    new = _changed(old, overlay)

    @functools.wraps(new)
    def noted(*args: Any, **named: Any) -> Any:
        seam.reached.add(overlay.place)
        return new(*args, **named)

    return noted


def _sweep(old: Any, new: Any) -> None:
    """Put `new` wherever a module of the broker, or a table in one, holds `old`."""
    ours = [
        module
        for name, module in tuple(sys.modules.items())
        if name.partition(".")[0] == _OURS and isinstance(module, ModuleType)
    ]
    for module in ours:
        for name, value in tuple(vars(module).items()):
            if value is old:
                setattr(module, name, new)
            elif isinstance(value, dict) and not name.startswith("__"):
                value.update({key: new for key, held in value.items() if held is old})
