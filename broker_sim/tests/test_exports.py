"""A world as a document: of every step, damaged, or contradicting itself."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker_sim.bootstrap import exports
from broker_sim.testing import RunningBroker, running_broker

_OLD: Final = Path(__file__).parents[2] / "fixtures" / "worlds"


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def test_there_is_a_document_of_every_step() -> None:
    """Else tomorrow nobody would know whether the export of that day can be read."""
    steps = Path(exports.__file__).parents[1] / "adapters" / "migrations" / "versions"
    known = {path.name.partition("_")[0] for path in steps.glob("0*.py")}

    assert {path.stem.removeprefix("step-") for path in _OLD.glob("step-*.json")} == known


@pytest.fixture(scope="module")
def document(broker: RunningBroker) -> Any:
    made = broker.worlds.hand(broker.worlds.new({"seed": 1, "sessions": 2}))
    found = json.loads(json.dumps(made.export()))
    broker.worlds.drop(made.name)
    return found


_wrong: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [None, True, -1, "x", [], {}, [1], {"a": 1}, [{}], "\ud800", 10**30]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_damaged_document_makes_no_world(
    broker: RunningBroker, document: Any, data: st.DataObject
) -> None:
    """FAULT-1: a sentence says what is wrong, or the damage was none; no world is left behind."""
    damaged, place = copy.deepcopy(document), document
    path: list[Any] = []
    while isinstance(place, (dict, list)) and place and (not path or data.draw(st.booleans())):
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else [0]))
        path.append(key)
        place = place[key]
    target = damaged
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = data.draw(_wrong)
    before = broker.worlds.names()
    try:
        name = broker.worlds.new({"import": damaged})
    except ValueError as refused:
        said = str(refused)
    else:
        broker.worlds.drop(name)
        said = "it was none"

    assert said
    assert broker.worlds.names() == before


def test_older_documents_are_brought_up_to_date_side_by_side(broker: RunningBroker) -> None:
    """Several tests import at once."""
    document = json.loads((_OLD / "step-0001.json").read_text(encoding="utf-8"))
    with ThreadPoolExecutor(4) as pool:
        names = list(pool.map(broker.worlds.new, [{"import": document} for _ in range(4)]))

    assert len({broker.worlds.hand(name).describe()["sessions"] for name in names}) == 1
    for name in names:
        broker.worlds.drop(name)


@pytest.mark.parametrize("drawn", [-1, 2**63])
def test_a_document_whose_chance_cannot_go_on_makes_no_world(
    broker: RunningBroker, document: Any, drawn: int
) -> None:
    """FAULT-1: else every later logon there would fail."""
    with pytest.raises(ValueError, match="drawn"):
        broker.worlds.new({"import": {**document, "drawn": drawn}})


@pytest.mark.parametrize("step", ["0001", "0002", "0003"])
@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
def test_a_number_that_no_column_holds_is_named(
    broker: RunningBroker, step: str, number: int
) -> None:
    """FAULT-1: in a document of any step."""
    document = json.loads((_OLD / f"step-{step}.json").read_text(encoding="utf-8"))
    document["tables"]["session"][0]["id"] = number
    with pytest.raises(ValueError, match=r"session\.id"):
        broker.worlds.new({"import": document})


@pytest.mark.parametrize("step", ["", "head", "+1", "1", "0000", "0001:0002"])
def test_a_step_that_is_none_is_named(broker: RunningBroker, document: Any, step: str) -> None:
    """FAULT-1: nothing else that a migration tool would take for one counts."""
    with pytest.raises(ValueError, match="is not known"):
        broker.worlds.new({"import": {**document, "step": step}})
