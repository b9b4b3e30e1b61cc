"""FAULT-1: every refusal says a sentence a person can act on, and carries its fields."""

import string
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from broker_sim.contract import faults
from broker_sim.contract.kinds import Fault, Kind
from broker_sim.core.refusal import Refused

VALUES: dict[Kind, Any] = {
    Kind.SECONDS: 17,
    Kind.COUNT: 3,
    Kind.POSITION: 4711,
    Kind.TEXT: "because",
    Kind.NAME: "incident-9",
    Kind.INSTANT: datetime(2030, 4, 15, 9, 0, 0, 1000, tzinfo=UTC),
}


def extra_of(fault: Fault) -> dict[str, Any]:
    return {field.name: VALUES[field.type] for field in fault.extra if isinstance(field.type, Kind)}


def test_a_refusal_that_nobody_caught_says_why() -> None:
    """In a test's traceback stood the code alone, and not which argument was wrong."""
    refused = Refused(faults.INVALID_ARGUMENT, field="act", reason="there is no such act")

    assert str(refused) == f"InvalidArgument: {refused.sentence}"
    assert repr(refused) == "Refused('InvalidArgument')"
    assert "there is no such act" in str(refused)


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the machine stand in Tokyo."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_away")
def test_an_instant_in_a_sentence_is_of_utc() -> None:
    """FAULT-1: whatever zone it is in, and the machine."""
    edge = datetime(2030, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))

    assert " 2030-01-01T00:00:00.000Z," in Refused(faults.INVALID_RANGE, edge=edge).sentence


@pytest.mark.parametrize("fault", faults.ALL, ids=lambda fault: fault.code)
def test_a_refusal_fills_its_fields_into_its_sentence(fault: Fault) -> None:
    """FAULT-1: no brace is left, every field that the sentence names is in it."""
    refused = Refused(fault, **extra_of(fault))
    named = {name for _, name, _, _ in string.Formatter().parse(fault.text) if name}

    assert not set("{}") & set(refused.sentence)
    assert named <= set(refused.extra)
    for name in named:
        value = refused.extra[name]
        shown = f"{value:%Y-%m-%dT%H:%M:%S}." if isinstance(value, datetime) else str(value)
        assert shown in refused.sentence
    assert refused.sentence[0].isupper()
    assert refused.sentence.endswith(".")


@pytest.mark.parametrize("fault", faults.ALL, ids=lambda fault: fault.code)
def test_a_refusal_with_other_fields_than_declared_is_our_mistake(fault: Fault) -> None:
    """FAULT-1: the typed detail is always complete, and never more."""
    extra = extra_of(fault)

    with pytest.raises(ValueError, match=fault.code):
        Refused(fault, **extra, more=1)
    for missing in extra:
        with pytest.raises(ValueError, match=fault.code):
            Refused(fault, **{name: value for name, value in extra.items() if name != missing})


def test_every_fault_is_listed_once() -> None:
    """FAULT-1: what is declared is what a caller may look up by its code, or is of pages only."""
    declared = [value for value in vars(faults).values() if isinstance(value, Fault)]

    assert sorted(map(id, declared)) == sorted(map(id, (*faults.ALL, faults.NOT_PERMITTED)))
    assert len(faults.BY_CODE) == len(faults.ALL)
