"""The names of the brokers that are wrong on purpose, where this checkout has them."""

from importlib import import_module
from importlib.util import find_spec


def known_bad(rule: str) -> tuple[str, ...]:
    """Give the names of the mutants that break a rule; none where they are not installed."""
    if find_spec("conformance.mutants") is None:
        return ()
    try:
        breaking = import_module("conformance.mutants").breaking
    except ImportError:
        return ()
    return tuple(sorted(mutant.name for mutant in breaking(rule)))
