"""The names of the brokers that are wrong on purpose, where this checkout has them."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def known_bad(rule: str) -> tuple[str, ...]:
    """Give the names of the mutants that break a rule; none where they are not installed."""
    return tuple(places(rule))


def places(rule: str) -> Mapping[str, str]:
    """Give the mutants that break a rule, by name, and where each stands."""
    if find_spec("conformance.mutants") is None:
        return {}
    try:
        breaking = import_module("conformance.mutants").breaking
    except ImportError:
        return {}
    return {mutant.name: mutant.place for mutant in sorted(breaking(rule), key=_name)}


def _name(mutant: Any) -> str:
    return str(mutant.name)
