"""A customer before the page of one session, by the JSON that every page of the broker gives."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from conformance.caller import Outcome
from conformance.cases import ACCEPTED, FINISHED, RUNNING, WAITING, Case
from conformance.floor import Floor
from conformance.hands import Hands, Missing, verb
from conformance.patterns import Anything, Between, Pattern, http

LAUNCHED: Final = http(200, 299, sessionId=Between(1, 2**63), stage="waiting")
# What a page calls the stage that a session is in.
STAGES: Final[Mapping[str, str]] = {
    WAITING: "waiting",
    ACCEPTED: "consent",
    RUNNING: "talking",
    FINISHED: "finished",
}


@verb
def fetch(hands: Hands, /, *, url: str) -> Outcome:
    """Fetch a file; tell its digest."""
    answer = hands.target.http.send("GET", url)
    return {"status": answer.status, "sha256": hashlib.sha256(answer.body).hexdigest()}


class Guest:
    """A customer who came by the launch in one request.

    Attributes:
        case: what the suite thinks of the session.
        links: what the page last told can be done.
    """

    def __init__(self, floor: Floor, **fields: str) -> None:
        self.floor: Final = floor
        self.bench: Final = floor.bench
        portal, now = floor.place.portal, floor.bench.now
        sub_portal = fields.get("SubPortal", floor.place.sub_portals[0])
        given = {"Portal": portal, "Name": "Eva", "Question": "It hums.", "SubPortal": sub_portal}
        given.update(fields)
        outcome = self.bench.do("launch", fields=given)
        if outcome.get("status") == 404:
            msg = "the target has no page by which a customer could launch a request"
            raise Missing(msg)
        self.bench.expect("PORTAL-1", LAUNCHED)
        facts = {"portal": portal, "sub_portal": sub_portal, "question": given["Question"]}
        self.case: Final = Case(outcome["sessionId"], now, facts)
        self.case.events.append({"time": now, "kind": "Posted"})
        self.links: dict[str, str] = outcome["links"]
        floor.cases[self.case.id] = self.case

    def look(self) -> Outcome:
        """Look at the page."""
        outcome = self.bench.do("follow_link", url=self.links["session"], method="GET")
        self.links = {**self.links, **outcome.get("links", {})}
        return outcome

    def sees(self, rule: str, **told: Pattern) -> Outcome:
        """Look at the page and hold what it tells; it always tells the stage."""
        self.look()
        stage = told.pop("stage", STAGES.get(self.case.stage))
        return self.bench.expect(rule, http(200, stage=stage, **told))

    def does(self, link: str, rule: str, /, **fields: str) -> Outcome:
        """Do what one of the page's links does; it must be there, and work."""
        self.look()
        self.bench.expect(rule, http(200, links={link: Anything("a link")}))
        self.bench.do("follow_link", url=self.links[link], fields=fields)
        return self.bench.expect(rule, http(200, 299))

    def agree(self) -> None:
        """Agree, which starts the session."""
        self.does("agree", "PORTAL-4")
        self.case.did("start", self.bench.now)

    def say(self, text: str) -> datetime:
        """Say something; give when."""
        self.does("say", "AGENT-2", Text=text)
        return self.bench.now
