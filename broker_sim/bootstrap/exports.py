"""A world as one JSON document, to be kept, read, shared and imported again.

The rows are those of the store at one step of its migrations; a document of an older step
is brought up to date when it is imported. It holds the world's keys and password hashes:
it is as secret as the world.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from broker_sim.adapters import sql_copy
from broker_sim.adapters.migrate import HEAD
from broker_sim.bootstrap.broker import Broker
from broker_sim.control.given import within
from broker_sim.service import sweeper

# A manager is logged in in one world only, not in every copy of it. Connections go with the copy:
# who reads it goes on where the first world stood.
_LEFT_OUT: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {"manager_login": ()}
FORMAT: Final = "broker-sim world"
SESSIONS_MOST: Final = 100_000
_CONTRADICTIONS: Final = (
    ValueError,
    LookupError,
    ArithmeticError,
    TypeError,
    AttributeError,
    AssertionError,
)


class Clock(msgspec.Struct, forbid_unknown_fields=True):
    """Where a world's time stands: seconds shifted, or the instant at which it stands still."""

    mode: Literal["real", "shifted", "frozen"]
    shift: float
    frozen: str | None


class Export(msgspec.Struct, forbid_unknown_fields=True):
    """The document.

    Attributes:
        step: of the store's migrations.
        drawn: how often the world's chance was drawn.
        tables: rows by the table's name; bytes are base64, a session's document is an object.
        blobs: large recordings, sealed, base64.
        beside: what the world keeps beside its store: fault rules, the limit of calls.
    """

    format: Literal["broker-sim world"]
    version: Literal[1]
    step: str
    drawn: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    clock: Clock
    tables: dict[str, list[dict[str, Any]]]
    blobs: dict[str, str] = {}
    beside: dict[str, Any] = {}


def export(broker: Broker) -> Mapping[str, Any]:
    """Give a world as a document.

    Raises:
        ValueError: it is too large to be one.
    """
    with broker.store.reading() as tx:
        sessions = tx.count_sessions()
    if sessions > SESSIONS_MOST:
        raise ValueError(
            f"a document holds {SESSIONS_MOST} sessions at most, this world has {sessions}:"
            " copy its database instead"
        )
    return {
        "format": FORMAT,
        "version": 1,
        "step": HEAD,
        "drawn": broker.drawn,
        "clock": msgspec.json.decode(broker.clock.saved()),
        "tables": {**broker.store.tables(), **_LEFT_OUT},
        "blobs": {
            key: base64.b64encode(data).decode() for key, data in broker.blobs.saved().items()
        },
        "beside": {key: keeper.saved() for key, keeper in broker.keepers().items()},
    }


def checked(given: object) -> Export:
    """Accept a document, brought up to date.

    Raises:
        ValueError: it is none; what is wrong is named.
    """
    try:
        document = msgspec.convert(given, Export)
    except msgspec.ValidationError as problem:
        raise ValueError(f"this is no export of a world: {problem}") from problem
    tables = sql_copy.up_to_date(document.tables, document.step)
    document.tables = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    document.step = HEAD
    if not any(row.get("name") == "seed" for row in document.tables.get("note", ())):
        raise ValueError("this is no export of a world: its notes tell no seed")
    return document


def put(broker: Broker, document: Export) -> None:
    """Put a checked document in the place of all that a world holds.

    Raises:
        ValueError: it is not what the store holds, or contradicts itself.
    """
    broker.store.fill({**document.tables, **_LEFT_OUT})
    try:
        broker.blobs.restore(
            {key: base64.b64decode(data, validate=True) for key, data in document.blobs.items()}
        )
        broker.clock.restore(msgspec.json.encode(document.clock).decode())
        within(broker.clock.now())
        broker.reopen(document.drawn)
        for key, keeper in broker.keepers().items():
            if key in document.beside:
                keeper.restore(document.beside[key])
        broker.tester.describe()
        sweeper.sweep(broker.world)
    except _CONTRADICTIONS as problem:
        # What no single column shows: a portal that a session names and nobody knows.
        raise ValueError(f"the document contradicts itself: {problem!r:.200}") from problem


def schema() -> Mapping[str, Any]:
    """Give the JSON Schema of a document of the newest step."""
    tables = sql_copy.shapes()
    _, known = msgspec.json.schema_components([Export], ref_template="#/$defs/{name}")
    document = dict(known["Export"])
    document["properties"] = {
        **document["properties"],
        "step": {"const": HEAD},
        "tables": {
            "type": "object",
            "properties": tables,
            "required": list(tables),
            "additionalProperties": False,
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **document,
        "title": "A world of broker-sim, exported",
        "$defs": {"Clock": known["Clock"]},
    }
