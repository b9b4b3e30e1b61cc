"""requirements.lock names every package that comes with this one, and nothing twice."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_LOCK: Final = Path(__file__).parents[2] / "requirements.lock"


def _pins() -> list[Requirement]:
    lines = _LOCK.read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def _needed(package: str, extras: frozenset[str], seen: set[tuple[str, str]]) -> Iterator[str]:
    """Walk what `package` needs here; of what is not installed nothing is known."""
    try:
        told = requires(package) or []
    except PackageNotFoundError:
        return
    for requirement in map(Requirement, told):
        name = canonicalize_name(requirement.name)
        for extra in ("", *extras):
            marker = requirement.marker
            if (name, extra) in seen or not (marker is None or marker.evaluate({"extra": extra})):
                continue
            seen.add((name, extra))
            yield name
            yield from _needed(name, frozenset(requirement.extras), seen)


def test_every_package_that_comes_with_this_one_is_pinned() -> None:
    """To one exact version."""
    pinned = {canonicalize_name(pin.name) for pin in _pins()}
    extras = frozenset({"test", "check", "postgresql", "browser", "mutation"})
    needed = set(_needed("broker-sim", extras, set()))

    assert len(needed) > 40
    assert needed <= pinned
    assert all(str(pin.specifier).startswith("==") for pin in _pins())


def test_nothing_is_pinned_twice() -> None:
    """One version of each."""
    names = [canonicalize_name(pin.name) for pin in _pins()]

    assert len(set(names)) == len(names)
