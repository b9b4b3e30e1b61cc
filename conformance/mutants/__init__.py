"""Brokers that are wrong on purpose, each naming the rule it breaks: they judge the suite.

`python -m conformance.mutants` runs the suite against every one of them and writes the kill
matrix. Importing this package makes all mutants known; the order is that of the contract.
"""

from conformance.mutants import (  # isort: skip  # the order is meant
    logon,
    locks,
    counting,
    rates,
    connections,
    lasting,
    sessions,
    texts,
    listings,
    updates,
    races,
    recordings,
    keys,
    retention,
    monitors,
    phone,
    agents,
    marks,
    hearing,
    portal,
    customers,
    picking,
    channels,
    doors,
)
from conformance.mutants.registry import MUTANTS, Mutant, breaking

__all__ = [
    "MUTANTS",
    "Mutant",
    "agents",
    "breaking",
    "channels",
    "connections",
    "counting",
    "customers",
    "doors",
    "hearing",
    "keys",
    "lasting",
    "listings",
    "locks",
    "logon",
    "marks",
    "monitors",
    "phone",
    "picking",
    "portal",
    "races",
    "rates",
    "recordings",
    "retention",
    "sessions",
    "texts",
    "updates",
]
