"""WIRE-1: what is published, and every answer held against it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from conformance.bench import Bench
from conformance.broker.recordings import recorded
from conformance.caller import OPERATIONS, Outcome
from conformance.cases import Case
from conformance.desk import Desk
from conformance.hands import Hands, verb
from conformance.patterns import Anything, Not, gives
from conformance.properties import judges

VERSIONS: Final = ("1.1", "1.2")
_PUBLISHED: Final = "both documents are published and name every operation and fault"


@verb
def look_at_published(hands: Hands, /) -> Outcome:
    """Tell what the target's documents lack of the contract."""
    published = hands.target.caller.published
    lacking = list(hands.target.defects)
    for version, document in published.items():
        for name, operation in OPERATIONS.items():
            shape = document.shapes.get(name)
            if shape is None:
                lacking.append(f"SOAP {version}: no operation {name}")
                continue
            wires = {field.wire for field in operation.takes}
            if wires != set(shape.fields):
                lacking.append(f"SOAP {version}: {name} takes {sorted(shape.fields)}")
            if len(shape.faults) < len(operation.faults):
                lacking.append(f"SOAP {version}: {name} declares {len(shape.faults)} faults")
    return {"gives": {"versions": sorted(published), "lacking": lacking}}


@judges({"WIRE-1": (_PUBLISHED,)}, exactly=1)
def the_contract_is_published(bench: Bench, data: st.DataObject) -> None:
    """WIRE-1: the WSDLs of SOAP 1.1 and 1.2 load and hold the whole contract."""
    del data
    bench.do("look_at_published")
    wanted = {"versions": list(VERSIONS), "lacking": []}
    bench.expect("WIRE-1", gives(wanted), case=_PUBLISHED)


_RANGE: Final = timedelta(days=1)
_ARGUMENTS: Final[dict[str, Callable[[Desk, Case], dict[str, Any]]]] = {
    "getPortal": lambda _desk, _case: {},
    "getSession": lambda _desk, case: {"session_id": case.id},
    "getSessionIds": lambda desk, _case: {
        "start": desk.bench.now - _RANGE,
        "end": desk.bench.now + _RANGE,
        "by": "Posted",
        "sub_portals": list(desk.place.sub_portals),
        "limit": 10,
    },
    "getLastUpdateId": lambda _desk, _case: {},
    "getUpdates": lambda _desk, _case: {"since": 0, "limit": 100},
    "getDefaultKey": lambda _desk, _case: {"key_version": 1},
    "logoff": lambda _desk, _case: {},
}


_FAULT: Final = "a fault"
_ABROAD: Final = "letters beyond ASCII"
_QUESTION: Final = "Größe 42 € \U0001f600"


@judges(
    {
        "WIRE-1": tuple(
            f"{name}, SOAP {v}" for name in (*OPERATIONS, _FAULT, _ABROAD) for v in VERSIONS
        )
    },
    exactly=len(VERSIONS),
)
def every_answer_is_valid(bench: Bench, data: st.DataObject) -> None:
    """WIRE-1: each operation's answer, full of data, is valid under the published schema."""
    version = data.draw(st.sampled_from(VERSIONS), label="SOAP")
    desk = Desk(bench, bench.place())
    case = recorded(desk)
    abroad = desk.post(question=_QUESTION)
    bench.call("logoff", connection_id=desk.connection)
    outcome = bench.call(
        "logon", username=desk.place.username, password=desk.place.password, version=version
    )
    bench.expect("WIRE-1", gives(Anything()), case=f"logon, SOAP {version}")
    more = {"connection_id": outcome["gives"], "version": version}
    bench.call("getSession", session_id=abroad.id, **more)
    bench.expect("WIRE-1", gives({"question": _QUESTION}), case=f"{_ABROAD}, SOAP {version}")
    for name, arguments in _ARGUMENTS.items():
        more = arguments(desk, case)
        if name == "getDefaultKey":
            more = {"key_version": _key_version(bench, desk, outcome["gives"])}
        bench.call(name, connection_id=outcome["gives"], version=version, **more)
        wanted = gives(None) if name == "logoff" else gives(Not([]))
        bench.expect("WIRE-1", wanted, case=f"{name}, SOAP {version}")
    refused = bench.call("getPortal", connection_id=outcome["gives"], version=version)
    # Whether an ended connection is refused, and how, is CONN-3's.
    met = f"{_FAULT}, SOAP {version}" if "fault" in refused else None
    bench.expect("WIRE-1", {"fault": Anything()}, gives(Anything()), case=met)


def _key_version(bench: Bench, desk: Desk, connection: str) -> int:
    del desk
    outcome = bench.call("getPortal", connection_id=connection)
    version: int = (outcome.get("gives") or {}).get("key_version", 1)
    return version
