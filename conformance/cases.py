"""The suite's own naive idea of a session: what its record must say after what was done to it.

Written from SESS-1 to SESS-4 with plain fields; it shares no line with any broker.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from broker_sim.contract import limits
from conformance.patterns import Anything, Holding, InOrder, Pattern

_MINUTE: Final = timedelta(minutes=1)

WAITING, ACCEPTED, RUNNING, FINISHED, ERROR = "waiting", "accepted", "running", "finished", "error"
_STATUS: Final = {
    WAITING: "New",
    ACCEPTED: "New",
    RUNNING: "InSession",
    FINISHED: "Finished",
    ERROR: "Error",
}

# What may be done where, as far as SESS-2 says; the rest of the acts leave the stage alone.
DURING: Final = ("chat", "sendFile", "pushUrl", "takeDiagnostics", "screen", "reboot")
MOVES: Final[Mapping[str, Mapping[str, str]]] = {
    WAITING: {"accept": ACCEPTED, "decline": ERROR, "abandon": ERROR, "fail": ERROR},
    ACCEPTED: {"start": RUNNING, "abandon": ERROR, "fail": ERROR},
    RUNNING: {"end": FINISHED, "fail": ERROR, **dict.fromkeys(DURING, RUNNING)},
    FINISHED: {},
    ERROR: {},
}
# What must be refused where: it would move the status against SESS-2.
OUT_OF_TURN: Final[Mapping[str, tuple[str, ...]]] = {
    WAITING: ("end", "start", "transfer"),
    ACCEPTED: ("end", "accept", "transfer"),
    RUNNING: ("accept", "start", "decline"),
    FINISHED: ("accept", "start", "decline", "abandon", "end", "fail", "transfer"),
    ERROR: ("accept", "start", "decline", "abandon", "end", "fail", "transfer"),
}
# Which entry of the change log an act makes, and which event it leaves.
CHANGES: Final = {
    "accept": "Accepted",
    "start": "Started",
    "end": "Ended",
    "decline": "Failed",
    "abandon": "Failed",
    "unanswered": "Failed",
    "fail": "Failed",
    "survey": "SurveyReceived",
}
_EVENTS: Final = {
    "accept": "Accepted",
    "decline": "Declined",
    "abandon": "Abandoned",
    "unanswered": "Unanswered",
    "start": "Started",
    "fail": "Failed",
    "end": "Ended",
    "chat": "Chat",
    "sendFile": "FileSent",
    "pushUrl": "UrlPushed",
    "takeDiagnostics": "DiagnosticsTaken",
    "reboot": "Rebooted",
    "survey": "SurveyReceived",
    "transfer": "Transferred",
}
# Which words of an act must stand in its event's detail.
_DETAILS: Final = {"chat": "text", "sendFile": "name", "pushUrl": "url"}


@dataclass(slots=True)
class Case:
    """One session; `facts` are the fields of SESS-4 by Python name.

    `updated` is the time of its newest entry in the change log.
    """

    id: int
    posted: datetime
    facts: dict[str, Any]
    stage: str = WAITING
    responded: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    transferred_from: int | None = None
    transferred_to: int | None = None
    events: list[Pattern] = field(default_factory=list)
    surveyed: bool = False
    recorded: bool = False
    updated: datetime | None = None

    @property
    def open(self) -> bool:
        """Tell whether it has not ended yet."""
        return self.ended is None

    @property
    def may_be_recorded(self) -> bool:
        """Tell whether its recording may become ready, if it has not."""
        return self.started is not None and not self.open and not self.recorded

    def time(self, by: str) -> datetime | None:
        """Give the time that counts for a range, by the contract's word for it."""
        times = {"Posted": self.posted, "Started": self.started, "Ended": self.ended}
        return self.updated if by == "Updated" else times[by]

    def unanswered_at(self) -> datetime | None:
        """Give the instant at which the waiting request is given up."""
        return self.posted + limits.UNANSWERED_AFTER if self.stage == WAITING else None

    def did(self, act: str, now: datetime, **words: Any) -> None:
        """Note that an act was done at `now`."""
        self._stage(act, now)
        kind = "ScreenSharingOff" if act == "screen" else _EVENTS.get(act)
        if act == "screen" and words.get("on"):
            kind = "ScreenSharingOn"
        if kind is not None:
            said = words.get(_DETAILS.get(act, ""))
            detail = Holding(said) if isinstance(said, str) else Anything()
            self.events.append({"time": now, "kind": kind, "detail": detail})
        self._facts(act, words)

    def _stage(self, act: str, now: datetime) -> None:
        self.stage = ERROR if act == "unanswered" else MOVES[self.stage].get(act, self.stage)
        if act == "accept":
            self.responded = now
        if act == "start":
            self.started = now
        if self.stage in (FINISHED, ERROR) and self.ended is None:
            self.ended = now

    def _facts(self, act: str, words: Mapping[str, Any]) -> None:
        if act == "end":
            named = {"comment": "rep_comment", "endLabel": "end_label", "endData": "end_data"}
            for word, name in {**named, "resolution": "resolution"}.items():
                if word in words:
                    self.facts[name] = words[word]
            self.facts["rep_ratings"] = list(words.get("repRatings", ()))
        if act == "survey":
            self.surveyed = True
            self.facts["customer_ratings"] = list(words["customerRatings"])
        if act == "reboot":
            back = "Successful" if words["reconnected"] else "ReconnectFailed"
            self.facts["reboot_reconnect"] = back

    def times(self) -> Pattern:
        """What SESS-1 says of the record."""
        return {
            "posted": self.posted,
            "responded": self.responded,
            "started": self.started,
            "ended": self.ended,
            "duration_minutes": self.duration_minutes(),
        }

    def duration_minutes(self) -> int | None:
        """End minus start in minutes, rounded up."""
        if self.started is None or self.ended is None:
            return None
        return -((self.started - self.ended) // _MINUTE)

    def status(self) -> Pattern:
        """What SESS-2 says of the record."""
        said = {"status": _STATUS[self.stage], "events": InOrder(tuple(self.events))}
        return {**said, "ended": self.ended} if self.stage == ERROR else said

    def links(self) -> Pattern:
        """What SESS-3 says of the record."""
        return {
            "transferred_from": self.transferred_from,
            "transferred_to": self.transferred_to,
        }

    def captured(self) -> Pattern:
        """What SESS-4 says of the record."""
        return {"session_id": self.id, **self.facts}


def posted_facts(portal: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields that a request brings, from the words of the act that posts it."""
    return {
        "portal": portal,
        "sub_portal": words["subPortal"],
        "question": words["question"],
        "smart_box_entries": list(words.get("smartBoxEntries", ())),
        "reference_id": words.get("referenceId"),
        "customer_ip": words.get("customerIp"),
        "locale": words.get("locale", ""),
        "mode": words.get("mode", "Web"),
        "customer_ratings": [],
        "rep_ratings": [],
        "reboot_reconnect": "No",
    }
