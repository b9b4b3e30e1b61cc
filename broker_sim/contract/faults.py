"""Every refusal of the broker: code, sentence, extra fields, what the caller may do."""

from typing import Final

from broker_sim.contract.kinds import Fault, Field, Kind, Retry

_SECONDS_LEFT = Field("secondsLeft", "seconds_left", Kind.SECONDS, doc="whole seconds, rounded up")

INVALID_CREDENTIALS: Final = Fault(
    "InvalidCredentials",
    "The user name or the password is wrong. Do not repeat the call unchanged:"
    " three failures in a row lock the login.",
    Retry.NEVER,
    rules=("LOGON-2",),
)
LOCKED_OUT: Final = Fault(
    "LockedOut",
    "Too many failed logons: this login is locked. Try again in {seconds_left} seconds.",
    Retry.AFTER_WAIT,
    (_SECONDS_LEFT,),
    ("LOGON-3",),
)
LOCKED_OUT_PERMANENTLY: Final = Fault(
    "LockedOutPermanently",
    "Too many failed logons: this login is locked until an administrator unlocks it.",
    Retry.NEVER,
    rules=("LOGON-4",),
)
ALREADY_LOGGED_ON: Final = Fault(
    "AlreadyLoggedOn",
    "This login has a live connection. Log it off, or wait: if it stays idle it ends"
    " in {seconds_left} seconds.",
    Retry.AFTER_WAIT,
    (_SECONDS_LEFT,),
    ("CONN-1",),
)
CONNECTION_EXPIRED: Final = Fault(
    "ConnectionExpired",
    "This connection has ended. Log on again.",
    Retry.LOGON_AGAIN,
    rules=("CONN-2", "CONN-3"),
)
INVALID_CONNECTION: Final = Fault(
    "InvalidConnection",
    "There is no such connection. Log on and use the connectionId of the answer.",
    Retry.LOGON_AGAIN,
    rules=("CONN-3",),
)
RATE_LIMITED: Final = Fault(
    "RateLimited",
    "Too many calls. Try again in {retry_after_seconds} seconds.",
    Retry.AFTER_WAIT,
    (Field("retryAfterSeconds", "retry_after_seconds", Kind.SECONDS, doc="whole seconds"),),
    ("RATE-1",),
)
NO_SUCH_SESSION: Final = Fault(
    "NoSuchSession",
    "This portal has no session of that number.",
    Retry.NEVER,
    rules=("CONN-4",),
)
SESSION_PURGED: Final = Fault(
    "SessionPurged",
    "This session was kept for 90 days after its end and is gone since {purged_at}.",
    Retry.NEVER,
    (Field("purgedAt", "purged_at", Kind.INSTANT, doc="its end plus 90 days"),),
    ("RET-2",),
)
INVALID_RANGE: Final = Fault(
    "InvalidRange",
    "The range must not start before {edge}, where retention ends, and must not end before"
    " it starts.",
    Retry.CORRECTED,
    (Field("edge", "edge", Kind.INSTANT, doc="now minus 90 days"),),
    ("SESS-6",),
)
UPDATE_EXPIRED: Final = Fault(
    "UpdateExpired",
    "Updates before {oldest_update_id} are no longer kept. Fetch the missed range with"
    " getSessionIds, then go on from there.",
    Retry.CORRECTED,
    (
        Field(
            "oldestUpdateId",
            "oldest_update_id",
            Kind.POSITION,
            doc="the oldest update still kept; go on with since = oldestUpdateId - 1",
        ),
    ),
    ("UPD-3",),
)
INVALID_UPDATE_ID: Final = Fault(
    "InvalidUpdateId",
    "There is no such update yet; the newest is {last_update_id}.",
    Retry.CORRECTED,
    (Field("lastUpdateId", "last_update_id", Kind.POSITION),),
    ("UPD-4",),
)
SECURITY_KEY_REQUIRED: Final = Fault(
    "SecurityKeyRequired",
    "Key version {key_version} was made from the portal's security key, which the broker never"
    " hands out. Ask the owner of the portal for it.",
    Retry.NEVER,
    (Field("keyVersion", "key_version", Kind.COUNT),),
    ("REC-8",),
)
TOO_MANY_CODES: Final = Fault(
    "TooManyCodes",
    "A representative has at most {limit} active codes. Cancel one, or wait until one is used"
    " or expires.",
    Retry.AFTER_END,
    (Field("limit", "limit", Kind.COUNT, doc="active codes of one representative"),),
    ("PHONE-2",),
)
NO_SUCH_CODE: Final = Fault(
    "NoSuchCode",
    "There is no such code, or not any more.",
    Retry.NEVER,
    rules=("PHONE-3", "PHONE-6"),
)
NO_SUCH_REPRESENTATIVE: Final = Fault(
    "NoSuchRepresentative",
    "No representative of that address serves this portal.",
    Retry.NEVER,
    rules=("PHONE-1", "AGENT-1"),
)
NOT_AVAILABLE: Final = Fault(
    "NotAvailable",
    "The representative is not logged on and available, or does not serve that sub-portal.",
    Retry.NEVER,
    rules=("PORTAL-3",),
)
OUT_OF_TURN: Final = Fault(
    "OutOfTurn",
    "That cannot be done at this point of the session.",
    Retry.NEVER,
    rules=("SESS-2",),
)
INVALID_ARGUMENT: Final = Fault(
    "InvalidArgument",
    "The argument {field} is not acceptable: {reason}.",
    Retry.CORRECTED,
    (
        Field("field", "field", Kind.TEXT, doc="the argument, by its wire name"),
        Field("reason", "reason", Kind.TEXT),
    ),
    ("FAULT-1", "SESS-4"),
)
SERVER_ERROR: Final = Fault(
    "ServerError",
    "The broker failed. Try again; if it stays, report incident {incident_id}.",
    Retry.LATER,
    (Field("incidentId", "incident_id", Kind.NAME),),
    ("FAULT-1",),
)

# Of the Management Center's pages only: no operation answers it.
NOT_PERMITTED: Final = Fault(
    "NotPermitted",
    "Your role does not allow this.",
    Retry.NEVER,
    rules=("SEC-2",),
)

# What any operation may answer, whatever else it declares.
ALWAYS: Final = (INVALID_ARGUMENT, SERVER_ERROR)
# What any operation on a connection may answer.
CONNECTED: Final = (CONNECTION_EXPIRED, INVALID_CONNECTION, RATE_LIMITED)

ALL: Final = (
    INVALID_CREDENTIALS,
    LOCKED_OUT,
    LOCKED_OUT_PERMANENTLY,
    ALREADY_LOGGED_ON,
    CONNECTION_EXPIRED,
    INVALID_CONNECTION,
    RATE_LIMITED,
    NO_SUCH_SESSION,
    SESSION_PURGED,
    INVALID_RANGE,
    UPDATE_EXPIRED,
    INVALID_UPDATE_ID,
    SECURITY_KEY_REQUIRED,
    TOO_MANY_CODES,
    NO_SUCH_CODE,
    NO_SUCH_REPRESENTATIVE,
    NOT_AVAILABLE,
    OUT_OF_TURN,
    INVALID_ARGUMENT,
    SERVER_ERROR,
)
BY_CODE: Final = {fault.code: fault for fault in ALL}
