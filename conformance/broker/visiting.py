"""A customer and a lent representative of a target without a control API: they come and go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.bench import Bench
from conformance.broker.as_found import found
from conformance.guest import LAUNCHED
from conformance.hands import Missing
from conformance.patterns import Anything, Between, InOrder, gives, http
from conformance.target import Launch, Login

# Letters of two bytes, what markup escapes, and two spaces: a question has to come back as it is.
QUESTION: Final = "Näh: <b>1</b> &amp; 2,  twice?"


@dataclass(frozen=True, slots=True)
class Visit:
    """A lent portal at work.

    Attributes:
        reader: the connection of the portal's API login; `rep` that of its representative.
        email: of that representative.
        since: the newest update before.
        session_id: of the request that a customer has launched; `links` of its page.
    """

    bench: Bench
    reader: str
    rep: str
    email: str
    launch: Launch
    since: int
    session_id: int
    links: Mapping[str, str]

    def read(self) -> None:
        """Read the session.

        Raises:
            Missing: another representative has it.
        """
        args = {"connection_id": self.reader, "session_id": self.session_id}
        self._ours(self.bench.call("getSession", **args))

    def alone(self) -> None:
        """Look, beside the history, whether the session is still nobody else's.

        Raises:
            Missing: another representative has it.
        """
        args = {"connection_id": self.reader, "session_id": self.session_id}
        self._ours(self.bench.hands.do("call", {"name": "getSession", **args}))

    def _ours(self, outcome: Mapping[str, Any]) -> None:
        record = outcome.get("gives")
        who = record.get("representative") if isinstance(record, dict) else None
        if isinstance(who, str) and who.casefold() != self.email.casefold():
            msg = (
                f"another representative took the request: lend a sub-portal that nobody but "
                f"{self.email} serves"
            )
            raise Missing(msg)

    def accept(self) -> None:
        """Let the representative take the request.

        Raises:
            Missing: another one was quicker, or this one may not.
        """
        at_work = {"connection_id": self.rep, "session_id": self.session_id}
        told = self.bench.call("acceptRequest", service="Agents", **at_work)
        if told.get("fault") == "NotAvailable":
            msg = f"{self.email} may take no requests in {self.launch.sub_portal!r}"
            raise Missing(msg)
        if "fault" in told:
            self.alone()
        over = {**at_work, "resolution": "Unresolved"}
        self.bench.afterwards("call", name="endSession", service="Agents", **over)
        self.bench.expect("AGENT-1", gives())

    def changes(self, *kinds: str) -> None:
        """Expect these changes of the session, in this order, others between them or not."""
        more = {"since": self.since, "session_id": self.session_id}
        self.bench.do("changes_of", connection_id=self.reader, **more)
        self.bench.expect("UPD-2", gives(InOrder(kinds)), case=f"as lived: {kinds[-1]}")

    def leave(self) -> None:
        """Let the customer leave."""
        self.bench.do("follow_link", url=self.links["leave"])
        self.bench.expect("PORTAL-4", http(200, 299))


def visit(bench: Bench) -> Visit:
    """Let a representative and a customer come; the bench lets them go when the example is over.

    Raises:
        Missing: nobody is lent, or the one who is works elsewhere; the target has no such form,
            or one that asks for more.
    """
    place = found(bench)
    described = bench.hands.target.description
    launch, rep = described.launch, described.representative
    if launch is None or rep is None:
        msg = "nobody can come: name [launch] and [representative] in target.toml"
        raise Missing(msg)
    connection = _at_work(bench, rep)
    bench.call("getLastUpdateId", connection_id=place.connection)
    since = bench.expect("UPD-1", gives(Between(0, 2**63)))["gives"]
    session_id, links = _launched(bench, launch)
    args = (connection, rep.username, launch, since, session_id, links)
    return Visit(bench, place.connection, *args)


def _at_work(bench: Bench, rep: Login) -> str:
    """Log the lent representative on, available; give the connection."""
    bench.history.names.update({"user-4": rep.username, "password-4": rep.password})
    login = {"username": rep.username, "password": rep.password}
    if bench.call("logon", service="Agents", **login).get("fault") == "AlreadyLoggedOn":
        msg = f"the lent representative {rep.username} is logged on elsewhere"
        raise Missing(msg)
    connection: str = bench.expect("AGENT-1", gives(Anything("a connection")))["gives"]
    bench.lend(connection, "Agents")
    bench.call("setAvailability", service="Agents", connection_id=connection, available=True)
    bench.expect("AGENT-1", gives())
    return connection


def _launched(bench: Bench, launch: Launch) -> tuple[int, Mapping[str, str]]:
    fields = {"Portal": launch.portal, "SubPortal": launch.sub_portal, "Name": "Eva"}
    fields |= {"Question": QUESTION, **launch.fields}
    outcome = bench.do("launch", path=launch.path, fields=fields)
    if outcome.get("status") == 404:
        msg = f"the target has no form at {launch.path}, or no portal {launch.portal!r} behind it"
        raise Missing(msg)
    asked = outcome.get("missing")
    lacking = [str(each) for each in asked if each not in fields] if isinstance(asked, list) else []
    if lacking:
        msg = (
            f"the form asks for {', '.join(lacking)}: fill it in by [launch.fields] in target.toml"
        )
        raise Missing(msg)
    if "leave" in outcome.get("links", {}):
        bench.afterwards("follow_link", url=outcome["links"]["leave"])
    bench.expect("PORTAL-1", LAUNCHED)
    return outcome["sessionId"], outcome["links"]
