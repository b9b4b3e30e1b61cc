"""The Monitors service: who is there, what waits."""

from typing import Final

from broker_sim.contract import faults
from broker_sim.contract.kinds import Choice, Endpoint, Field, Kind, Operation, Record
from broker_sim.contract.sessions import CONNECTION_ID, LOGOFF, LOGON

STATUS: Final = Choice(
    "RepresentativeStatus", ("LoggedOut", "Unavailable", "Available", "InSession")
)
REPRESENTATIVE: Final = Record(
    "Representative",
    (
        Field("login", "login", Kind.NAME, doc="e-mail address"),
        Field("name", "name", Kind.TEXT),
        Field("screenName", "screen_name", Kind.TEXT),
        Field("teamName", "team_name", Kind.TEXT),
        Field(
            "subPortals",
            "sub_portals",
            Kind.NAME,
            many=True,
            doc="of this portal, in any order",
            any_order=True,
        ),
        Field(
            "status",
            "status",
            STATUS,
            doc="InSession while it is in any session, also one of another portal",
        ),
        Field("since", "since", Kind.INSTANT, doc="since when the status is this one"),
        Field(
            "takesRequests",
            "takes_requests",
            Kind.FLAG,
            doc="logged on and available, in a session or not: is alerted and may accept",
        ),
        Field(
            "sessionIds",
            "session_ids",
            Kind.ID,
            many=True,
            doc="InSession, of this portal; in any order",
            any_order=True,
        ),
        Field(
            "handledToday",
            "handled_today",
            Kind.COUNT,
            doc="Finished sessions of this portal that ended since midnight UTC",
        ),
    ),
)
REQUEST: Final = Record(
    "WaitingRequest",
    (
        Field("sessionId", "session_id", Kind.ID),
        Field("postTime", "posted", Kind.INSTANT),
        Field("question", "question", Kind.TEXT),
    ),
)
QUEUE: Final = Record(
    "Queue",
    (
        Field("subPortal", "sub_portal", Kind.NAME),
        Field("waiting", "waiting", Kind.COUNT),
        Field(
            "longestWaitSeconds",
            "longest_wait_seconds",
            Kind.SECONDS,
            doc="of those who wait; rounded down, 0 where nobody waits",
        ),
        Field("requests", "requests", REQUEST, many=True, doc="by (postTime, sessionId)"),
        Field(
            "representativesAvailable",
            "representatives_available",
            Kind.COUNT,
            doc="who serve it and are Available",
        ),
        Field(
            "representativesInSession",
            "representatives_in_session",
            Kind.COUNT,
            doc="who serve it and are InSession",
        ),
    ),
)

MONITORS: Final = Endpoint(
    name="Monitors",
    path="/services/Monitors",
    doc=(
        "The present of a simulated remote-support broker: representatives and queues. A"
        " connection of Sessions or PhoneMode works here, too."
    ),
    operations=(
        LOGON,
        LOGOFF,
        Operation(
            name="getRepresentatives",
            handler="get_representatives",
            doc="Tell of every representative who serves the portal what it is doing now.",
            takes=(CONNECTION_ID,),
            gives=Field(
                "representatives",
                "representatives",
                REPRESENTATIVE,
                many=True,
                doc="in any order",
                any_order=True,
            ),
            faults=faults.CONNECTED,
            rules=("MON-1", "MON-3"),
        ),
        Operation(
            name="getQueues",
            handler="get_queues",
            doc="Tell of every sub-portal of the portal who waits and who is there.",
            takes=(CONNECTION_ID,),
            gives=Field("queues", "queues", QUEUE, many=True, doc="in any order", any_order=True),
            faults=faults.CONNECTED,
            rules=("MON-2", "MON-3"),
        ),
    ),
)
