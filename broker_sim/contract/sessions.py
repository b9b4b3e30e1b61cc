"""The Sessions service: log on, read sessions, follow their changes."""

from typing import Final

from broker_sim.contract import faults
from broker_sim.contract.kinds import Choice, Endpoint, Field, Kind, Operation, Record

STATUS: Final = Choice("SessionStatus", ("New", "InSession", "Finished", "Error"))
MODE: Final = Choice("SessionMode", ("Web", "Phone"))
RESOLUTION: Final = Choice("Resolution", ("Resolved", "Unresolved", "Unknown"))
REBOOT: Final = Choice("RebootReconnect", ("No", "Successful", "ReconnectFailed"))
CHANNEL: Final = Choice("Channel", ("LocalScreen", "RemoteScreen", "Chat", "Diagnostics"))
FILE_CHANNEL: Final = Choice("FileChannel", (*CHANNEL.words, "Properties"))
ORDER: Final = Choice("RangeBy", ("Posted", "Started", "Ended", "Updated"))
PORTAL_TYPE: Final = Choice("PortalType", ("SmartBox", "SmartButton", "SmartMatch", "SmartPin"))
UPDATE_KIND: Final = Choice(
    "UpdateKind",
    (
        "Posted",
        "Accepted",
        "Started",
        "Transferred",
        "Ended",
        "Failed",
        "SurveyReceived",
        "RecordingReady",
        "Purged",
    ),
)
EVENT_KIND: Final = Choice(
    "EventKind",
    (
        "Posted",
        "Accepted",
        "Declined",
        "Unanswered",
        "Abandoned",
        "Started",
        "Chat",
        "FileSent",
        "UrlPushed",
        "DiagnosticsTaken",
        "ScreenSharingOn",
        "ScreenSharingOff",
        "Rebooted",
        "Reconnected",
        "Transferred",
        "Failed",
        "Ended",
        "SurveyReceived",
    ),
)

LABELLED: Final = Record(
    "LabelledValue",
    (
        Field("label", "label", Kind.TEXT, optional=True, doc="may hold an unexpanded macro"),
        Field("value", "value", Kind.TEXT, doc="as entered, to the byte"),
    ),
)
EVENT: Final = Record(
    "SessionEvent",
    (
        Field("time", "time", Kind.INSTANT),
        Field("kind", "kind", EVENT_KIND),
        Field("detail", "detail", Kind.TEXT, doc="who or what; may be empty"),
    ),
)
FILE: Final = Record(
    "SessionFile",
    (
        Field("channel", "channel", FILE_CHANNEL),
        Field("name", "name", Kind.NAME, doc="the file name of REC-1"),
        Field("size", "size", Kind.BYTES, doc="of the bytes as sent"),
        Field("sha256", "sha256", Kind.NAME, doc="of the bytes as sent; 64 hex digits"),
        Field("encrypted", "encrypted", Kind.FLAG),
        Field("wrappedKey", "wrapped_key", Kind.BINARY, optional=True, doc="AES-KW, RFC 3394"),
        Field("keyVersion", "key_version", Kind.COUNT, optional=True),
        Field("kdf", "kdf", Kind.NAME, optional=True, doc="how the wrapping key is made"),
        Field("kdfSalt", "kdf_salt", Kind.BINARY, optional=True),
        Field("url", "url", Kind.TEXT, doc="signed; good for this file only"),
        Field("urlExpires", "url_expires", Kind.INSTANT, doc="the first instant without it"),
    ),
)
SESSION: Final = Record(
    "Session",
    (
        Field("sessionId", "session_id", Kind.ID),
        Field("status", "status", STATUS),
        Field("mode", "mode", MODE),
        Field("referenceId", "reference_id", Kind.TEXT, optional=True, doc="the ticket number"),
        Field("lastUpdateId", "last_update_id", Kind.POSITION),
        Field("portal", "portal", Kind.NAME),
        Field("subPortal", "sub_portal", Kind.NAME),
        Field("question", "question", Kind.TEXT),
        Field("postTime", "posted", Kind.INSTANT),
        Field("responseTime", "responded", Kind.INSTANT, optional=True),
        Field("representative", "representative", Kind.NAME, optional=True, doc="e-mail address"),
        Field("repName", "rep_name", Kind.TEXT, optional=True),
        Field("repScreenName", "rep_screen_name", Kind.TEXT, optional=True),
        Field("teamName", "team_name", Kind.TEXT, optional=True),
        Field("repIp", "rep_ip", Kind.TEXT, optional=True),
        Field("customerIp", "customer_ip", Kind.TEXT, optional=True),
        Field("transferredFrom", "transferred_from", Kind.ID, optional=True),
        Field("transferredTo", "transferred_to", Kind.ID, optional=True),
        Field("smartBoxEntries", "smart_box_entries", LABELLED, many=True, doc="in form order"),
        Field("startTime", "started", Kind.INSTANT, optional=True),
        Field("endTime", "ended", Kind.INSTANT, optional=True),
        Field("durationMinutes", "duration_minutes", Kind.MINUTES, optional=True, doc="rounded up"),
        Field("resolution", "resolution", RESOLUTION, optional=True),
        Field("locale", "locale", Kind.TEXT, doc="empty for the default"),
        Field("rebootReconnect", "reboot_reconnect", REBOOT),
        Field("sessionEndLabel", "end_label", Kind.TEXT, optional=True),
        Field("sessionEndData", "end_data", Kind.TEXT, optional=True),
        Field("customerRatings", "customer_ratings", LABELLED, many=True),
        Field("repRatings", "rep_ratings", LABELLED, many=True),
        Field("representativeComment", "rep_comment", Kind.TEXT, optional=True),
        Field("events", "events", EVENT, many=True, doc="in order of time"),
        Field(
            "files",
            "files",
            FILE,
            many=True,
            doc="once the recording is ready; in any order",
            any_order=True,
        ),
        Field(
            "remoteReplayUrl",
            "remote_replay_url",
            Kind.TEXT,
            optional=True,
            doc="a page for managers; once there is a recording of the customer's screen",
        ),
        Field(
            "localReplayUrl",
            "local_replay_url",
            Kind.TEXT,
            optional=True,
            doc="a page for managers; once there is a recording of the representative's screen",
        ),
    ),
)
PORTAL: Final = Record(
    "Portal",
    (
        Field("name", "name", Kind.NAME),
        Field("displayName", "display_name", Kind.TEXT),
        Field("company", "company", Kind.TEXT),
        Field("portalType", "portal_type", PORTAL_TYPE),
        Field(
            "subPortals", "sub_portals", Kind.NAME, many=True, doc="in any order", any_order=True
        ),
        Field("hardLockouts", "hard_lockouts", Kind.FLAG),
        Field("keyVersion", "key_version", Kind.COUNT, doc="of recordings made from now on"),
        Field("securityKeySet", "security_key_set", Kind.FLAG),
        Field("retentionDays", "retention_days", Kind.COUNT),
        Field("idleSeconds", "idle_seconds", Kind.SECONDS, doc="until an idle connection ends"),
        Field("pageMax", "page_max", Kind.COUNT, doc="ids or updates in one page; 1 to 1000"),
        Field("brokerTime", "broker_time", Kind.INSTANT),
    ),
)
UPDATE: Final = Record(
    "Update",
    (
        Field("updateId", "update_id", Kind.POSITION),
        Field("sessionId", "session_id", Kind.ID),
        Field("kind", "kind", UPDATE_KIND),
        Field("time", "time", Kind.INSTANT),
    ),
)
DEFAULT_KEY: Final = Record(
    "DefaultKey",
    (
        Field("keyVersion", "key_version", Kind.COUNT),
        Field("key", "key", Kind.BINARY, doc="16 bytes; keep it like a password"),
    ),
)
CONNECTION_ID: Final = Field("connectionId", "connection_id", Kind.NAME)

LOGON: Final = Operation(
    name="logon",
    handler="logon",
    doc="Open the login's one connection.",
    takes=(Field("username", "username", Kind.NAME), Field("password", "password", Kind.NAME)),
    gives=CONNECTION_ID,
    faults=(
        faults.INVALID_CREDENTIALS,
        faults.LOCKED_OUT,
        faults.LOCKED_OUT_PERMANENTLY,
        faults.ALREADY_LOGGED_ON,
    ),
    rules=("LOGON-1", "LOGON-2", "LOGON-3", "LOGON-4", "LOGON-5", "CONN-1"),
)
LOGOFF: Final = Operation(
    name="logoff",
    handler="logoff",
    doc="End the connection at once; the login is free again.",
    takes=(CONNECTION_ID,),
    gives=None,
    faults=faults.CONNECTED,
    rules=("CONN-2", "CONN-3"),
)

SESSIONS: Final = Endpoint(
    name="Sessions",
    path="/services/Sessions",
    doc=(
        "Session data of a simulated remote-support broker. The operation names are this"
        " simulator's own: those of the product that it models were never public."
    ),
    operations=(
        LOGON,
        LOGOFF,
        Operation(
            name="getPortal",
            handler="get_portal",
            doc="Tell the connection's portal, its sub-portals, its policy numbers and the time.",
            takes=(CONNECTION_ID,),
            gives=Field("portal", "portal", PORTAL),
            faults=faults.CONNECTED,
            rules=("CONN-4",),
        ),
        Operation(
            name="getSession",
            handler="get_session",
            doc="Read one session, whole, as it stands now.",
            takes=(CONNECTION_ID, Field("sessionId", "session_id", Kind.ID)),
            gives=Field("session", "session", SESSION),
            faults=(*faults.CONNECTED, faults.NO_SUCH_SESSION, faults.SESSION_PURGED),
            rules=("SESS-1", "SESS-2", "SESS-3", "SESS-4", "CONN-4", "RET-1", "RET-2"),
        ),
        Operation(
            name="getSessionIds",
            handler="get_session_ids",
            doc=(
                "List sessions whose time lies in [from, to), ordered by (time, id). A page that"
                " is shorter than both max and the portal's pageMax is the last one."
            ),
            takes=(
                CONNECTION_ID,
                Field("from", "start", Kind.INSTANT, doc="the first instant of the range"),
                Field("to", "end", Kind.INSTANT, doc="the first instant behind it"),
                Field("by", "by", ORDER, optional=True, doc="which time counts; Ended if absent"),
                Field(
                    "subPortals",
                    "sub_portals",
                    Kind.NAME,
                    many=True,
                    optional=True,
                    doc="only these; all if absent or empty",
                ),
                Field(
                    "after", "after", Kind.ID, optional=True, doc="the last id of the page before"
                ),
                Field(
                    "max", "limit", Kind.COUNT, optional=True, doc="1 to 1000; pageMax if absent"
                ),
            ),
            gives=Field("sessionIds", "session_ids", Kind.ID, many=True),
            faults=(*faults.CONNECTED, faults.INVALID_RANGE, faults.NO_SUCH_SESSION),
            rules=("SESS-5", "SESS-6"),
        ),
        Operation(
            name="getLastUpdateId",
            handler="get_last_update_id",
            doc="Tell the newest entry of the portal's change log; 0 while it is empty.",
            takes=(CONNECTION_ID,),
            gives=Field("lastUpdateId", "last_update_id", Kind.POSITION),
            faults=faults.CONNECTED,
            rules=("UPD-1",),
        ),
        Operation(
            name="getUpdates",
            handler="get_updates",
            doc=(
                "Read the change log behind `since`. A page that is shorter than both max and the"
                " portal's pageMax is the last one."
            ),
            takes=(
                CONNECTION_ID,
                Field("since", "since", Kind.POSITION, doc="the last updateId seen; 0 at first"),
                Field(
                    "max", "limit", Kind.COUNT, optional=True, doc="1 to 1000; pageMax if absent"
                ),
            ),
            gives=Field("updates", "updates", UPDATE, many=True),
            faults=(*faults.CONNECTED, faults.UPDATE_EXPIRED, faults.INVALID_UPDATE_ID),
            rules=("UPD-1", "UPD-2", "UPD-3", "UPD-4"),
        ),
        Operation(
            name="getDefaultKey",
            handler="get_default_key",
            doc="Hand out the portal's default wrapping key of one version.",
            takes=(CONNECTION_ID, Field("keyVersion", "key_version", Kind.COUNT)),
            gives=Field("defaultKey", "default_key", DEFAULT_KEY),
            faults=(*faults.CONNECTED, faults.SECURITY_KEY_REQUIRED),
            rules=("REC-8",),
        ),
    ),
)
