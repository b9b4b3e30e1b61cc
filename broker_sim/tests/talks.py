"""Sessions that are lived over a channel by two naive parties."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from broker_sim.adapters import vault
from broker_sim.contract import recording
from broker_sim.core.channel import Party
from broker_sim.core.record import Session
from broker_sim.service import channels
from broker_sim.service.ports import World
from broker_sim.service.recording import locate
from broker_sim.testing import RunningBroker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.frames import NaiveParty
from broker_sim.tests.sessions_of import SessionsOf


@dataclass(slots=True)
class Talk:
    """A session that goes on, and its two parties."""

    broker: RunningBroker
    session_id: int
    customer: NaiveParty
    rep: NaiveParty

    def act(self, name: str, **more: Any) -> None:
        """Do something by the tester's door."""
        self.broker.tester.perform(name, {"sessionId": self.session_id, **more})

    def session(self) -> Session:
        with self.broker.tester.world.store.reading() as tx:
            held = tx.held(self.session_id)
        assert held is not None
        return held.session

    def chats(self) -> list[str]:
        return [event.detail for event in self.session().events if event.kind == "Chat"]

    def kept(self) -> list[str]:
        """Give what the store has of its channel: the key, and pieces of the stream."""
        with self.broker.tester.world.store.reading() as tx:
            found = ["key"] if tx.channel(self.session_id) else []
            return [*found, *(piece.name for piece in tx.pieces(self.session_id))]

    def end(self) -> Session:
        """End it, let its recording become ready, and read it as an integrator does."""
        self.act("end", resolution="Resolved")
        return self.ready()

    def ready(self) -> Session:
        """Let its recording become ready, and read it as an integrator does."""
        self.broker.tester.advance(self.broker.tester.clock.now() + timedelta(minutes=1))
        found: Session = SessionsOf(self.broker).call("getSession", session_id=self.session_id)
        return found

    def plain(self, session: Session, channel: str) -> bytes:
        """Open one of its recorded files."""
        return opened(self.broker.tester.world, session, channel)


def opened(world: World, session: Session, channel: str) -> bytes:
    """Open one of a session's recorded files."""
    file = next(one for one in session.files if one.channel == channel)
    located = locate(world, session.session_id, file.name)
    assert located is not None
    sealed = b"".join(located.read(0, file.size))
    with world.store.reading() as tx:
        key = tx.key(session.portal, file.key_version)
    assert key is not None
    assert file.wrapped_key is not None
    named = recording.key_id(session.session_id, file.name)
    return b"".join(vault.unseal(vault.unwrap(key.kek, file.wrapped_key), named, [sealed]))


def started(broker: RunningBroker | BrokerWorld) -> int:
    """Bring a session to its start."""
    tester = broker.tester
    with tester.world.store.reading() as tx:
        portal = tx.portal(broker.logins[0][0])
    assert portal is not None
    given = {"portal": portal.name, "subPortal": portal.sub_portals[0], "question": "It hums."}
    number = tester.perform("post", given).session_id
    for act in ("accept", "start"):
        tester.perform(act, {"sessionId": number})
    return number


def party(broker: RunningBroker | BrokerWorld, number: int, who: Party) -> NaiveParty:
    told = channels.descriptor(broker.tester.world, number, who)
    return NaiveParty.of(json.loads(json.dumps(told)), broker.url.partition("/w/")[0])


def goes_on(page: NaiveParty, there: NaiveParty) -> NaiveParty:
    """Let a page go on at a channel under its own name and numbers, as it does."""
    there.source, there.next = page.source, page.next
    return there


def talking(broker: RunningBroker) -> Talk:
    """Begin one."""
    number = started(broker)
    both = [party(broker, number, who) for who in (Party.CUSTOMER, Party.REP)]
    return Talk(broker, number, *both)


def written(*elements: object) -> str:
    """Write a drawing instruction."""
    return ",".join(f"{len(str(one))}.{one}" for one in elements) + ";"


SIZE = written("size", 0, 64, 48)
WHITE = written("rect", 0, 0, 0, 64, 48) + written("cfill", 14, 0, 255, 255, 255, 255)


def drawn(x: int) -> str:
    """Write a red square."""
    return written("rect", 0, x, 8, 8, 8) + written("cfill", 14, 0, 255, 0, 0, 255)
