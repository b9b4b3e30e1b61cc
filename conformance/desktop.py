"""What representatives do at their desktops, and what they hear of: shared by chapters."""

from typing import Any, Final

from conformance.bench import Bench
from conformance.caller import Outcome
from conformance.floor import Floor, Rep
from conformance.guest import Guest
from conformance.hands import Hands, verb
from conformance.model import SECOND
from conformance.patterns import Holding, InOrder, Not, OneOf, Pattern, fault, gives

URL: Final = "https://help.example/42"
CONTENT: Final = bytes(range(256)) * 4
# Who stands in a sub-portal's queue and is nobody's, or is another's: the contract has a fault
# for either way of seeing it.
NOT_YOURS: Final = (fault("NoSuchSession"), fault("OutOfTurn"))


def ask(bench: Bench, rep: Rep, operation: str, /, **arguments: Any) -> None:
    """Let a representative ask for something, whatever comes."""
    assert rep.wire is not None
    bench.call(operation, service="Agents", connection_id=rep.wire.id, **arguments)
    rep.wire.use(bench.now)


@verb
def send_file(
    hands: Hands, /, *, connection_id: str, session_id: int, file: str, content: bytes
) -> Outcome:
    """Send a file to the customer."""
    more: dict[str, Any] = {"session_id": session_id, "name": file, "content": content}
    return hands.call("sendFile", service="Agents", connection_id=connection_id, **more)


def do_in_session(floor: Floor, rep: Rep, operation: str, session_id: int, **words: Any) -> Outcome:
    """Let a representative do something in a session, whatever comes."""
    assert rep.wire is not None
    if operation == "sendFile":
        more = {"connection_id": rep.wire.id, "session_id": session_id}
        outcome = floor.bench.do("send_file", **more, **words)
    else:
        ask(floor.bench, rep, operation, session_id=session_id, **words)
        outcome = floor.bench.history.steps[-1].outcome
    rep.wire.use(floor.bench.now)
    return outcome


def hears(floor: Floor, rep: Rep, *events: Pattern, rule: str = "AGENT-1") -> list[Any]:
    """Read all that a desktop has not dealt with; these must be among it, in this order."""
    ask(floor.bench, rep, "getEvents", since=0)
    told: list[Any] = floor.bench.expect(rule, gives(InOrder(events)))["gives"]
    return told


def hears_not(floor: Floor, rep: Rep, event: Pattern, rule: str = "AGENT-1") -> None:
    """Read all that a desktop has not dealt with; this must not be among it."""
    ask(floor.bench, rep, "getEvents", since=0)
    floor.bench.expect(rule, gives(Not(Holding(event))))


def talking(floor: Floor, rep: Rep, **fields: str) -> Guest:
    """Give a customer who talks with this representative."""
    guest = Guest(floor, **fields)
    floor.bench.advance(floor.bench.now + SECOND)
    floor.accept(rep, guest.case)
    # No rule says by which of its names a customer is told who helps.
    guest.sees("AGENT-1", representative=OneOf((rep.name, rep.screen_name)))
    guest.agree()
    return guest


# By operation and arguments: the event's kind, its detail, what the page shows.
DOINGS: Final[dict[str, tuple[str, dict[str, Any], str, Pattern, Pattern]]] = {
    "chat": ("sendChat", {"text": "Näh, try <b>this</b>: 1"}, "Chat", "Näh, try <b>this</b>: 1", 0),
    "push a URL": ("pushUrl", {"url": URL}, "UrlPushed", URL, 0),
    "send a file": ("sendFile", {"file": "a (1).txt", "content": CONTENT}, "FileSent", "a (1).", 0),
    "take diagnostics": ("requestDiagnostics", {}, "DiagnosticsTaken", None, 0),
    "view the screen": ("setScreenSharing", {"on": True}, "ScreenSharingOn", None, True),
    "stop viewing": ("setScreenSharing", {"on": False}, "ScreenSharingOff", None, False),
    "reboot": ("rebootReconnect", {}, "Rebooted", None, 0),
    "reboot for good": ("rebootReconnect", {"reconnected": False}, "Rebooted", None, 0),
}
