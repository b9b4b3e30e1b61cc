"""CHAN-1, REC-2: a customer has the session's page open twice while the screen is shared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from broker_sim.core.channel import Party
from broker_sim.testing import running_broker
from broker_sim.tests.frames import NaiveParty
from broker_sim.tests.guacamole import instructions
from broker_sim.tests.stores import START
from broker_sim.tests.talks import SIZE, WHITE, Talk, drawn, party, talking, written

BEGUN = int(START.timestamp() * 1000)


@pytest.fixture
def talk() -> Iterator[Talk]:
    with running_broker() as broker:
        yield talking(broker)


@pytest.fixture
def other(talk: Talk) -> NaiveParty:
    """Give the second page; the first one's whole picture is recorded already."""
    talk.act("screen", on=True)
    draws(talk.customer, 0, SIZE + WHITE, key=True)
    return party(talk.broker, talk.session_id, Party.CUSTOMER)


def draws(page: NaiveParty, ms: int, data: str, *, key: bool = False) -> None:
    page.say(kind="screen", ms=ms, data=data + written("sync", ms), key=key)


def recorded(talk: Talk) -> list[int]:
    """End the session; give when its recorded frames were drawn, since the sharing began."""
    plain = talk.plain(talk.end(), "RemoteScreen")
    return [int(one[1]) - BEGUN for one in instructions(plain) if one[0] == "sync"]


def test_the_page_is_recorded_whose_whole_picture_came_last(talk: Talk, other: NaiveParty) -> None:
    """CHAN-1: what one draws belongs to no picture of the other."""
    draws(other, 10, drawn(16))
    draws(talk.customer, 20, drawn(24))
    draws(other, 30, SIZE + WHITE, key=True)
    draws(talk.customer, 40, drawn(32))
    draws(other, 50, drawn(40))

    assert recorded(talk) == [0, 20, 30, 50]


def test_what_is_missing_of_the_other_page_spoils_nothing(talk: Talk, other: NaiveParty) -> None:
    """CHAN-1: what follows is drawn on the picture that is recorded."""
    other.next = 1
    draws(other, 10, drawn(16))
    draws(talk.customer, 20, drawn(24))

    assert recorded(talk) == [0, 20]
