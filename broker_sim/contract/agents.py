"""The Agents service: what a representative's desktop does."""

from typing import Final

from broker_sim.contract import faults
from broker_sim.contract.kinds import Choice, Endpoint, Fault, Field, Kind, Operation, Record
from broker_sim.contract.phonemode import CUSTOMER_NAME, PHONE_CODE, REFERENCE_ID
from broker_sim.contract.sessions import (
    CONNECTION_ID,
    EVENT_KIND,
    LABELLED,
    LOGON,
    RESOLUTION,
)

AGENT_EVENT_KIND: Final = Choice(
    "AgentEventKind", ("RequestWaiting", "RequestGone", "Resumed", *EVENT_KIND.words)
)
AGENT_EVENT: Final = Record(
    "AgentEvent",
    (
        Field("eventId", "event_id", Kind.POSITION, doc="grows; the cursor of getEvents"),
        Field("time", "time", Kind.INSTANT),
        Field(
            "kind",
            "kind",
            AGENT_EVENT_KIND,
            doc=(
                "RequestWaiting: may be accepted; RequestGone: no more; Resumed: a session goes"
                " on that began before this logon; else what happened in one of your sessions"
            ),
        ),
        Field("sessionId", "session_id", Kind.ID),
        Field("portal", "portal", Kind.NAME),
        Field("subPortal", "sub_portal", Kind.NAME),
        Field("detail", "detail", Kind.TEXT, doc="who or what; may be empty"),
        Field(
            "question",
            "question",
            Kind.TEXT,
            optional=True,
            doc="this and the next two with RequestWaiting, Accepted and Resumed",
        ),
        Field("referenceId", "reference_id", Kind.TEXT, optional=True),
        Field("smartBoxEntries", "smart_box_entries", LABELLED, many=True, doc="in form order"),
    ),
)
_SESSION_ID: Final = Field("sessionId", "session_id", Kind.ID)
_IN_SESSION: Final = (
    *faults.CONNECTED,
    faults.NO_SUCH_SESSION,
    faults.SESSION_PURGED,
    faults.OUT_OF_TURN,
)


def _doing(
    name: str, handler: str, doc: str, *takes: Field, also: tuple[Fault, ...] = ()
) -> Operation:
    """Give an operation on one session, which gives nothing."""
    rules = ("AGENT-1", "AGENT-2")
    takes = (CONNECTION_ID, _SESSION_ID, *takes)
    return Operation(name, handler, doc, takes, None, (*_IN_SESSION, *also), rules)


AGENTS: Final = Endpoint(
    name="Agents",
    path="/services/Agents",
    doc=(
        "The representative's desktop of a simulated remote-support broker. Its connections are"
        " its own: a representative logs on with an e-mail address. All but acceptRequest and"
        " declineRequest work on the representative's own sessions only."
    ),
    operations=(
        Operation(
            name="logon",
            handler="logon_rep",
            doc="Open the representative's one connection; it is Unavailable at first.",
            takes=LOGON.takes,
            gives=LOGON.gives,
            faults=LOGON.faults,
            rules=(*LOGON.rules, "AGENT-1"),
        ),
        Operation(
            name="logoff",
            handler="logoff_rep",
            doc="End the connection at once. Sessions that go on do so.",
            takes=(CONNECTION_ID,),
            gives=None,
            faults=faults.CONNECTED,
            rules=("CONN-2", "CONN-3"),
        ),
        Operation(
            name="setAvailability",
            handler="set_availability",
            doc=(
                "Take requests, or take none. Who takes requests is alerted to those that wait,"
                " also while it is in a session: several customers at once."
            ),
            takes=(CONNECTION_ID, Field("available", "available", Kind.FLAG)),
            gives=None,
            faults=faults.CONNECTED,
            rules=("AGENT-1", "PORTAL-3"),
        ),
        Operation(
            name="getEvents",
            handler="get_events",
            doc=(
                "Tell what has happened behind `since`; where nothing has, wait for it. What is"
                " not behind `since` is forgotten: hand in the last eventId that you have dealt"
                " with. An empty answer means that the time is over."
            ),
            takes=(
                CONNECTION_ID,
                Field("since", "since", Kind.POSITION, doc="the last eventId seen; 0 at first"),
                Field(
                    "waitSeconds",
                    "wait_seconds",
                    Kind.SECONDS,
                    optional=True,
                    doc="0 to 30, of the machine's clock, also in a frozen world; 0 if absent",
                ),
                Field("max", "limit", Kind.COUNT, optional=True, doc="1 to 100; 100 if absent"),
            ),
            gives=Field("events", "events", AGENT_EVENT, many=True),
            faults=faults.CONNECTED,
            rules=("AGENT-1", "PORTAL-3"),
        ),
        _doing(
            "acceptRequest",
            "accept_request",
            "Take a waiting request of a sub-portal that you serve; the first to accept has it.",
            also=(faults.NOT_AVAILABLE,),
        ),
        _doing(
            "declineRequest",
            "decline_request",
            "Refuse a waiting request: it is off your desk for good. When every representative"
            " who takes requests of its sub-portal has declined it, it ends as Declined;"
            " until then nothing is noted in the session.",
            also=(faults.NOT_AVAILABLE,),
        ),
        Operation(
            name="startByCode",
            handler="start_by_code",
            doc=(
                "Get a code to read to a caller. When the caller has typed it, an event Accepted"
                " tells the session."
            ),
            takes=(
                CONNECTION_ID,
                Field("portal", "portal", Kind.NAME, doc="one that you serve"),
                CUSTOMER_NAME,
                REFERENCE_ID,
            ),
            gives=Field("phoneCode", "phone_code", PHONE_CODE),
            faults=(*faults.CONNECTED, faults.NO_SUCH_REPRESENTATIVE, faults.TOO_MANY_CODES),
            rules=("AGENT-1", "PHONE-1", "PHONE-2"),
        ),
        _doing("sendChat", "send_chat", "Say something.", Field("text", "text", Kind.TEXT)),
        _doing(
            "pushUrl",
            "push_url",
            "Open a page on the customer's machine.",
            Field("url", "url", Kind.TEXT, doc="http or https"),
        ),
        _doing(
            "sendFile",
            "send_file",
            "Send a file, which the customer may fetch until the session is purged.",
            Field("name", "name", Kind.NAME, doc="no path"),
            Field("content", "content", Kind.BINARY, doc="at most 65,536 bytes"),
        ),
        _doing("requestDiagnostics", "request_diagnostics", "Take the machine's diagnostics."),
        _doing(
            "setScreenSharing",
            "set_screen_sharing",
            "View and control the customer's screen, or stop; the customer may stop it, too.",
            Field("on", "on", Kind.FLAG),
        ),
        _doing(
            "rebootReconnect",
            "reboot_reconnect",
            "Reboot the customer's machine and connect again.",
            Field(
                "reconnected",
                "reconnected",
                Kind.FLAG,
                optional=True,
                doc="whether the simulated machine comes back; it does if absent",
            ),
        ),
        Operation(
            name="transferSession",
            handler="transfer_session",
            doc=(
                "Hand the customer on, to a sub-portal or to a representative: name one of them."
                " This session ends and another goes on: in the sub-portal's queue, or accepted"
                " by the representative, who must be there to take requests."
            ),
            takes=(
                CONNECTION_ID,
                _SESSION_ID,
                Field("subPortal", "sub_portal", Kind.NAME, optional=True),
                Field(
                    "representative",
                    "representative",
                    Kind.NAME,
                    optional=True,
                    doc="e-mail address",
                ),
            ),
            gives=Field("transferredTo", "transferred_to", Kind.ID, doc="the other session"),
            faults=(*_IN_SESSION, faults.NO_SUCH_REPRESENTATIVE, faults.NOT_AVAILABLE),
            rules=("AGENT-1", "AGENT-2", "SESS-3"),
        ),
        _doing(
            "endSession",
            "end_session",
            "End the session.",
            Field("resolution", "resolution", RESOLUTION),
            Field("comment", "comment", Kind.TEXT, optional=True),
            Field("sessionEndLabel", "end_label", Kind.TEXT, optional=True),
            Field("sessionEndData", "end_data", Kind.TEXT, optional=True),
        ),
        _doing(
            "submitRating",
            "submit_rating",
            "Answer the representative's survey, once, after the end.",
            Field("ratings", "ratings", LABELLED, many=True),
        ),
    ),
)
