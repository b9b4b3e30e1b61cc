"""The brokers and clients that are wrong on purpose, where this checkout has them.

Each has one plausible mistake, so what breaks a rule on purpose is what commonly breaks it.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from conformance.client.wrong.switches import WRONG


@dataclass(frozen=True, slots=True)
class Cause:
    """A mistake that breaks a rule.

    Attributes:
        name: of the broker or client that makes it.
        doc: what it does wrong, in a sentence.
        place: where it stands, or how it is started.
    """

    name: str
    doc: str
    place: str


def known_bad(rule: str) -> tuple[str, ...]:
    """Give the names of the mutants that break a rule; none where they are not installed."""
    return tuple(each.name for each in causes(rule))


def causes(rule: str) -> tuple[Cause, ...]:
    """Give what commonly breaks a rule, of a broker by name, of a client in the switches' order."""
    clients = (each for each in WRONG.values() if each.breaks == rule)
    return (*_brokers(rule), *(Cause(each.name, each.doc, _started(each.name)) for each in clients))


def _started(name: str) -> str:
    return f"python -m conformance.client.wrong --wrong {name}"


def _brokers(rule: str) -> tuple[Cause, ...]:
    if find_spec("conformance.mutants") is None:
        return ()
    try:
        breaking = import_module("conformance.mutants").breaking
    except ImportError:
        return ()
    found = (
        Cause(each.name, each.doc, f"conformance/mutants/{each.place} {each.name}")
        for each in breaking(rule)
    )
    return tuple(sorted(found, key=lambda each: each.name))
