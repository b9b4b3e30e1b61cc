"""The PhoneMode service: codes that connect a caller with a representative."""

from typing import Final

from broker_sim.contract import faults
from broker_sim.contract.kinds import Endpoint, Field, Kind, Operation, Record
from broker_sim.contract.sessions import CONNECTION_ID, LOGOFF, LOGON

PHONE_CODE: Final = Record(
    "PhoneCode",
    (
        Field("code", "code", Kind.NAME, doc="nine digits; may begin with zeros"),
        Field("url", "url", Kind.TEXT, doc="where the customer is connected by one click"),
        Field("expires", "expires", Kind.INSTANT, doc="the first instant without it"),
        Field("created", "created", Kind.INSTANT),
        Field("representative", "representative", Kind.NAME, doc="e-mail address"),
        Field("portal", "portal", Kind.NAME),
        Field("subPortal", "sub_portal", Kind.NAME, doc="where the session will stand"),
        Field("customerName", "customer_name", Kind.TEXT),
        Field("referenceId", "reference_id", Kind.TEXT, optional=True),
    ),
)
CUSTOMER_NAME: Final = Field("customerName", "customer_name", Kind.TEXT, doc="may be empty")
REFERENCE_ID: Final = Field(
    "referenceId", "reference_id", Kind.TEXT, optional=True, doc="goes into the session's record"
)
_REPRESENTATIVE: Final = Field("representative", "representative", Kind.NAME, doc="e-mail address")

PHONEMODE: Final = Endpoint(
    name="PhoneMode",
    path="/services/PhoneMode",
    doc=(
        "Phone codes of a simulated remote-support broker. A code connects the caller who types it"
        " with the representative it was made for. A connection of Sessions or Monitors works"
        " here, too."
    ),
    operations=(
        LOGON,
        LOGOFF,
        Operation(
            name="createCode",
            handler="create_code",
            doc=(
                "Make a code for a representative of the portal. It works once, until it expires"
                " or is cancelled."
            ),
            takes=(
                CONNECTION_ID,
                _REPRESENTATIVE,
                Field("portal", "portal", Kind.NAME, doc="the connection's own"),
                CUSTOMER_NAME,
                REFERENCE_ID,
            ),
            gives=Field("phoneCode", "phone_code", PHONE_CODE),
            faults=(*faults.CONNECTED, faults.NO_SUCH_REPRESENTATIVE, faults.TOO_MANY_CODES),
            rules=("PHONE-1", "PHONE-2", "PHONE-3", "PHONE-4"),
        ),
        Operation(
            name="getCodes",
            handler="get_codes",
            doc="List the portal's active codes, or those of one representative, next end first.",
            takes=(
                CONNECTION_ID,
                Field(
                    "representative",
                    "representative",
                    Kind.NAME,
                    optional=True,
                    doc="e-mail address; all if absent",
                ),
            ),
            gives=Field("phoneCodes", "phone_codes", PHONE_CODE, many=True),
            faults=(*faults.CONNECTED, faults.NO_SUCH_REPRESENTATIVE),
            rules=("PHONE-1", "PHONE-3"),
        ),
        Operation(
            name="cancelCode",
            handler="cancel_code",
            doc="End one active code of the portal; spaces and dashes in it are ignored.",
            takes=(CONNECTION_ID, Field("code", "code", Kind.NAME)),
            gives=None,
            faults=(*faults.CONNECTED, faults.NO_SUCH_CODE),
            rules=("PHONE-5",),
        ),
        Operation(
            name="cancelCodes",
            handler="cancel_codes",
            doc=(
                "End all active codes of a representative of the portal, those of other portals,"
                " too; tell how many."
            ),
            takes=(CONNECTION_ID, _REPRESENTATIVE),
            gives=Field("cancelled", "cancelled", Kind.COUNT),
            faults=(*faults.CONNECTED, faults.NO_SUCH_REPRESENTATIVE),
            rules=("PHONE-5",),
        ),
    ),
)
