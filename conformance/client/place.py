"""A world of its own for one case: its portal, its logins, its past, its faults, its journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from conformance.caller import Outcome
from conformance.client.diary import Diary
from conformance.control import Control, instant
from conformance.exchange import Http
from conformance.target import Description, Target, reach

PORTAL: Final = "support"
SUB_PORTALS: Final = ("General", "Second line")
ORACLE: Final = "oracle"
_PATH: Final = "/services/Sessions"
_PAGE: Final = 1000
_KEPT: Final = (
    *("number", "operation", "time", "seconds", "status", "fault", "login"),
    *("connection", "provoked", "arguments", "path"),
)


class OwnFault(RuntimeError):  # noqa: N818  whose fault it is
    """The suite's own broker did not do what it was told; no finding about a client."""


@dataclass(frozen=True, slots=True)
class Called:
    """One call of the client as the broker saw it.

    Attributes:
        operation: its name, "download" for a file; None for other things.
        begun: when it came; `ended` when it was answered.
        struck: ids of the fault rules that struck it.
        path: what it asked for; of a download it ends with the file's name.
    """

    number: int
    operation: str | None
    begun: datetime
    ended: datetime
    status: int
    fault: str | None
    connection: str | None
    struck: tuple[str, ...]
    arguments: Mapping[str, Any]
    path: str = ""


class Place:
    """One world behind the control door; dropped at the end.

    Args:
        door: of the broker.
        now: where its clock stands still; None lets it go with the machine's.
        diary: told of all that is asked of the world.
    """

    def __init__(
        self, door: Description, now: datetime | None = None, diary: Diary | None = None
    ) -> None:
        assert door.control is not None
        self.door = door
        self._diary = diary or Diary()
        self._control = Control(Http(door.control, door.ca), door.token)
        wish = {"clock": "real"} if now is None else {"now": instant(now)}
        made = self._told(self._control.ask("POST", ["worlds"], wish))
        self._diary.asked("POST", (), wish, made)
        self.name = str(made["name"])
        self._oracle: Target | None = None
        self._connection, self._password = "", ""
        self._seen: list[Mapping[str, Any]] = []
        self._after = 0
        self._slow = False

    @property
    def url(self) -> str:
        """The world's base URL."""
        return f"{self.door.url}/w/{self.name}"

    @property
    def wsdl(self) -> str:
        """The URL of the WSDL."""
        return f"{self.url}{_PATH}?wsdl"

    def close(self) -> None:
        """Drop the world, unless calls may still wait in it: they would end in incidents."""
        if self._oracle is not None:
            self._oracle.close()
        if not self._slow:
            self._control.ask("DELETE", ["worlds", self.name])
        self._control.close()

    def tell(self, method: str, *path: str, **body: Any) -> dict[str, Any]:
        """Say something to the world's control API.

        Raises:
            OwnFault: it refuses.
        """
        told = self._told(self._control.ask(method, ["worlds", self.name, *path], body or None))
        self._diary.asked(method, path, body, told)
        return told

    def _told(self, answer: dict[str, Any]) -> dict[str, Any]:
        if answer["status"] not in (200, 201) or "broken" in answer:
            msg = f"the control API answers {answer}"
            raise OwnFault(msg)
        return answer

    def portal(self, username: str, password: str, name: str = PORTAL) -> None:
        """Make a portal with the client's login, and one for ourselves to compare with."""
        self.tell(
            "POST",
            "portals",
            name=name,
            username=username,
            password=password,
            subPortals=list(SUB_PORTALS),
        )
        if name == PORTAL:
            self.tell("POST", "logins", portal=name, username=ORACLE, password=password)
            self._oracle = reach(Description(f"{self.url}{_PATH}", ca=self.door.ca))
            self._password = password

    def ask(self, operation: str, **arguments: Any) -> Any:
        """Call an operation on our own connection, a new one where it has ended.

        Raises:
            OwnFault: the broker gives nothing.
        """
        outcome: Outcome = {"fault": "ConnectionExpired"}
        if self._connection:
            outcome = self.stranger(operation, connection_id=self._connection, **arguments)
        if outcome.get("fault") == "ConnectionExpired":
            login = {"username": ORACLE, "password": self._password}
            self._connection = self.stranger("logon", **login)["gives"]
            outcome = self.stranger(operation, connection_id=self._connection, **arguments)
        if "gives" not in outcome:
            msg = f"{operation} of the suite's own broker came to {outcome}"
            raise OwnFault(msg)
        return outcome["gives"]

    def stranger(self, operation: str, **arguments: Any) -> Outcome:
        """Call an operation as somebody else would, on no connection."""
        assert self._oracle is not None
        return self._oracle.caller.call(operation, arguments).outcome

    def knows(self, connection: str) -> bool:
        """Tell whether a text is the id of a live connection."""
        assert self._oracle is not None
        asked = self._oracle.caller.call("getPortal", {"connection_id": connection})
        return "gives" in asked.outcome

    def session(self, number: int) -> Mapping[str, Any]:
        """Read a session as it stands now."""
        found: Mapping[str, Any] = self.ask("getSession", session_id=number)
        return found

    def act(self, act: str, **given: Any) -> int:
        """Do an act of a customer or a representative; give the session's id."""
        return int(self.tell("POST", "acts", act=act, **given)["sessionId"])

    def post(self, portal: str = PORTAL, sub: str = SUB_PORTALS[0], **given: Any) -> int:
        """Post a request; give its id."""
        asked = {"question": "Does it work?", **given}
        return self.act("post", portal=portal, subPortal=sub, **asked)

    def begin(self, portal: str = PORTAL, **given: Any) -> int:
        """Begin a session with something in every channel."""
        number = self.post(portal, **given)
        for act in ("accept", "start", "takeDiagnostics", "screen"):
            self.act(act, sessionId=number)
        self.act("chat", sessionId=number, text="Yes, it does.")
        return number

    def bare(self) -> int:
        """Make a session that ended and has no files yet; quick."""
        number = self.act("post", portal=PORTAL, subPortal="General", question="Quickly?")
        for act in ("accept", "start", "end"):
            self.act(act, sessionId=number)
        return number

    def whole(self, portal: str = PORTAL) -> int:
        """Make a session that ended and has its recordings; give its id."""
        number = self.begin(portal)
        self.act("end", sessionId=number, resolution="Resolved")
        self.act("record", sessionId=number)
        return number

    def fault(self, operation: str, effect: str, **more: Any) -> str:
        """Add a fault rule; give its id."""
        self._slow |= effect in ("delay", "drip")
        return str(self.tell("POST", "faults", operation=operation, effect=effect, **more)["id"])

    def struck(self, rule: str) -> int:
        """Tell how often a fault rule has struck."""
        rules: Sequence[Mapping[str, Any]] = self.tell("GET", "faults")["faults"]
        return next((int(each["struck"]) for each in rules if each["id"] == rule), 0)

    def mend(self) -> None:
        """Remove all fault rules."""
        self.tell("DELETE", "faults")

    def advance(self, **span: float) -> None:
        """Move the world's time on."""
        self.tell("POST", "clock", "advance", seconds=timedelta(**span).total_seconds())

    def now(self) -> datetime:
        """Tell the world's time."""
        return _instant(self.tell("GET", "clock")["now"])

    def calls(self, *operations: str, after: int = 0) -> list[Called]:
        """Give the client's calls, all or of these operations, behind a place of the journal."""
        self._read_on()
        return [
            called
            for entry in self._seen
            if entry["number"] > after
            and ORACLE not in (entry["login"], entry["arguments"].get("username"))
            and (not operations or entry["operation"] in operations)
            for called in (_called(entry),)
        ]

    def mark(self) -> int:
        """Tell the journal's last place."""
        self._read_on()
        return self._after

    def _read_on(self) -> None:
        while True:
            path, query = ["worlds", self.name, "journal"], {"after": self._after, "limit": _PAGE}
            told = self._told(self._control.ask("GET", path, None, query))
            self._seen += [{name: each[name] for name in _KEPT} for each in told["entries"]]
            self._after = max(self._after, int(told["next"]))
            if len(told["entries"]) < _PAGE:
                return


def _called(entry: Mapping[str, Any]) -> Called:
    ended = _instant(entry["time"])
    return Called(
        entry["number"],
        entry["operation"],
        ended - timedelta(seconds=entry["seconds"]),
        ended,
        entry["status"],
        entry["fault"],
        entry["connection"],
        tuple(entry["provoked"]),
        entry["arguments"],
        entry["path"],
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
