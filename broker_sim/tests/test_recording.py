"""REC-6, REC-8: files are made once, whoever asks first; nobody's bytes are lost."""

from typing import Any

import pytest

from broker_sim.contract import limits
from broker_sim.core.record import Session
from broker_sim.service import managers, recording
from broker_sim.service.ports import Table, World
from broker_sim.service.storage import Held
from broker_sim.testing import running_broker

LONG = b"x" * (limits.SMALL_BLOB_BYTES + 1)


class LongContent:
    """Content whose every file is larger than the database takes."""

    def names(self, session: Session) -> list[tuple[str, str]]:
        return [
            ("Chat", f"chatTranscript{session.session_id}.txt"),
            ("LocalScreen", f"localScreen{session.session_id}.g2a"),
        ]

    def body(self, _session: Session, _name: str) -> bytes:
        return LONG

    def diagnostics(self, _session: Session) -> list[Table]:
        return []


def recorded(tester: Any, portal: str) -> Held:
    """Give a live session that is over and recorded, its files not yet made."""
    sub_portal = tester.describe()["portals"][0]["subPortals"][0]
    given = {"portal": portal, "subPortal": sub_portal, "question": "?"}
    number = tester.perform("post", given).session_id
    for act in ("accept", "start", "end", "record"):
        tester.perform(act, {"sessionId": number})
    with tester.world.store.reading() as tx:
        held = tx.held(number)
    assert isinstance(held, Held)
    return held


def bytes_of(world: World, number: int, name: str) -> bytes:
    """Give a file as it would be sent."""
    found = recording.locate(world, number, name)
    assert found is not None
    return b"".join(found.read(0, found.file.size))


@pytest.mark.parametrize("secured", [False, True])
def test_two_who_ask_first_get_the_same_files(secured: bool) -> None:
    """REC-6: the second one's bytes go, the first one's stay, encrypted or not."""
    with running_broker(seed=9) as broker:
        world = broker.tester.world
        world.content = LongContent()
        portal = broker.tester.describe()["portals"][0]["name"]
        if secured:
            managers.set_security_key(world, portal, "open sesame")
        held = recorded(broker.tester, portal)
        with world.store.reading() as tx:
            key = tx.key(held.session.portal)
        assert key is not None
        first, second = (recording.make(world, held, key) for _ in range(2))
        kept = recording.keep(world, held, first)
        again = recording.keep(world, held, second)

        assert kept == again
        for file, data in first:
            assert bytes_of(world, held.session.session_id, file.name) == data
