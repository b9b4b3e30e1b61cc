"""PORTAL-1 and PORTAL-2: how a request is launched, and what must not be missing."""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

import conformance.forms  # noqa: F401  # importing it makes its verbs known
from conformance.bench import Bench
from conformance.floor import Floor
from conformance.guest import LAUNCHED
from conformance.hands import Missing
from conformance.patterns import Pattern, Unordered, gives, http, told
from conformance.properties import judges

# One that is seen and required, one that is seen, one that only the launcher knows.
FIELDS: Final = [
    {"name": "Name", "label": "Your name", "required": True, "seen": True},
    {"name": "Asset", "label": "Asset number", "required": False, "seen": True},
    {"name": "Site", "label": "Site", "required": True, "seen": False},
]
SURVEY: Final = [
    {"name": "Solved", "label": "Is it solved?", "choices": ["Yes", "No"]},
    {"name": "Remarks", "label": "Anything else?", "choices": []},
]
GIVEN: Final = {
    "Site": "Hall <7> & 8",
    "Name": 'Zoë "Z" O\'Neil',
    "Question": "It hums; does it {0} %s?",
    # What is easily changed unseen: signs of an escape, blanks, more than a column takes.
    "Asset": " A+1  %41 &amp;" + " long" * 60,
    "SubPortal": "Billing",
    "ReferenceId": "T-4711",
    "Locale": "de_AT",
}
ENTRIES: Final = [{"label": each["label"], "value": GIVEN[str(each["name"])]} for each in FIELDS]
IGNORED: Final = {"Template": "x.tmpl", "Form": "long", "JavaScript": "on", "Extra": "<nothing>"}


def with_form(bench: Bench, *, question: bool = True) -> Floor:
    """Give a floor whose portal asks for what is set above.

    Raises:
        Missing: the control API does not do it.
    """
    floor = Floor(bench)
    body = {"questionRequired": question, "fields": FIELDS, "survey": SURVEY}
    path = ["portals", floor.place.portal, "form"]
    outcome = bench.do("control", method="PUT", path=path, body=body)
    if outcome.get("status") not in (200, 204):
        msg = f"a portal's form cannot be set through the control API: {told(outcome)}"
        raise Missing(msg)
    return floor


_TARGET: Final = {"Target": "queryPost.flow"}
_LOWER: Final = {name.lower(): text for name, text in GIVEN.items()}
# By path, method, fields and what else.
_WAYS: Final[dict[str, dict[str, Any]]] = {
    "the form": {"path": "/h/{portal}", "fields": GIVEN},
    "the form of a SmartBox": {"path": "/sb/{portal}", "fields": GIVEN},
    "the form by GET": {"path": "/h/{portal}", "method": "GET", "fields": {**GIVEN, **_TARGET}},
    "one request": {"path": "/ds/queryPost.flow", "fields": GIVEN},
    "one request by GET": {"path": "/ds/queryPost.flow", "method": "GET", "fields": GIVEN},
    "the older path": {"path": "/servlet/dispatch/ds/queryPost.flow", "fields": GIVEN},
    "more than is asked for": {"path": "/ds/queryPost.flow", "fields": {**IGNORED, **GIVEN}},
    "names in lower case": {"path": "/ds/queryPost.flow", "fields": _LOWER},
    "ISO-8859-1": {"path": "/ds/queryPost.flow", "fields": GIVEN, "charset": "iso-8859-1"},
}


@judges({"PORTAL-1": tuple(_WAYS)}, exactly=len(_WAYS))
def a_launch_is_on_record(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-1: by form or in one request, what it carries is on record, seen or unseen."""
    way = data.draw(st.sampled_from(tuple(_WAYS)), label="way")
    floor = with_form(bench)
    outcome = bench.do("send_form", portal=floor.place.portal, **_WAYS[way])
    bench.expect("PORTAL-1", LAUNCHED)
    number = outcome["sessionId"]
    bench.call("getSession", connection_id=floor.connection, session_id=number)
    record = {
        "status": "New",
        "mode": "Web",
        "posted": bench.now,
        "portal": floor.place.portal,
        "sub_portal": GIVEN["SubPortal"],
        "question": GIVEN["Question"],
        "reference_id": GIVEN["ReferenceId"],
        "locale": GIVEN["Locale"],
        "smart_box_entries": ENTRIES,
    }
    bench.expect("PORTAL-1", gives(record))
    _queued(floor, "PORTAL-1", number)
    bench.passed("PORTAL-1", way)


def _queued(floor: Floor, rule: str, *numbers: int) -> None:
    """Hold what waits, and that there is no more to the portal's log."""
    bench = floor.bench
    bench.call("getQueues", service="Monitors", connection_id=floor.connection)
    queues: tuple[Pattern, ...] = tuple(
        {
            "sub_portal": name,
            "waiting": len(numbers) if name == GIVEN["SubPortal"] else 0,
        }
        for name in floor.place.sub_portals
    )
    bench.expect(rule, gives(Unordered(queues)))
    bench.call("getUpdates", connection_id=floor.connection, since=0)
    bench.expect(rule, gives([{"session_id": each, "kind": "Posted"} for each in numbers]))


_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "the empty form": {"path": "/h/{portal}", "method": "GET", "fields": {}},
    "a form filled in by its link": {"path": "/h/{portal}", "method": "GET", "fields": GIVEN},
    "a HEAD": {"path": "/ds/queryPost.flow", "method": "HEAD", "fields": GIVEN},
    "a browser that reads ahead": {
        "path": "/ds/queryPost.flow",
        "method": "GET",
        "fields": GIVEN,
        "headers": {"Sec-Purpose": "prefetch"},
    },
}


@judges({"PORTAL-1": tuple(_LOOKS)}, exactly=len(_LOOKS))
def who_only_looks_launches_nothing(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-1: a form that is looked at queues nothing."""
    look = data.draw(st.sampled_from(tuple(_LOOKS)), label="look")
    floor = with_form(bench)
    bench.do("send_form", portal=floor.place.portal, **_LOOKS[look])
    bench.expect("PORTAL-1", http(200))
    _queued(floor, "PORTAL-1")
    bench.passed("PORTAL-1", look)


_REQUIRED: Final = {"Name": "Your name", "Site": "Site", "Question": "Question"}
_LACKS: Final[tuple[tuple[str, ...], ...]] = (
    ("Name",),
    ("Question",),
    ("Site",),
    ("Name", "Question"),
    ("Name", "Site", "Question"),
)
_DOORS: Final = ("/h/{portal}", "/ds/queryPost.flow")
_TRIED: Final = [(lack, door, empty) for lack in _LACKS for door in _DOORS for empty in (0, 1)]


@judges(
    {"PORTAL-2": (*(f"without {' and '.join(lack)}" for lack in _LACKS), "what was typed")},
    exactly=len(_TRIED),
)
def nothing_is_queued_that_lacks_something(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-2: the form comes back with what was typed and says which field is missing."""
    lack, door, empty = data.draw(st.sampled_from(_TRIED), label="lacks, door, sent empty")
    floor = with_form(bench)
    rest = {name: text for name, text in GIVEN.items() if name not in lack}
    fields: Mapping[str, str] = {**rest, **(dict.fromkeys(lack, "") if empty else {})}
    bench.do("send_form", path=door, portal=floor.place.portal, fields=fields)
    missing = Unordered(tuple(_REQUIRED[name] for name in lack))
    bench.expect("PORTAL-2", http(400, 499, missing=missing))
    named = {} if "{" in door else {"Portal": floor.place.portal}
    bench.do("see_form", path=door, portal=floor.place.portal, fields={**named, **fields})
    typed = {name: rest[name] for name in ("Name", "Asset", "Site", "Question") if name in rest}
    bench.expect("PORTAL-2", http(400, 499, filled=typed), case="what was typed")
    _queued(floor, "PORTAL-2")
    bench.passed("PORTAL-2", f"without {' and '.join(lack)}")


@judges({"PORTAL-2": ("no question is required",)}, exactly=1)
def what_is_not_required_may_be_missing(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-2: a portal that requires no question queues a request without one."""
    del data
    floor = with_form(bench, question=False)
    fields = {name: GIVEN[name] for name in ("Name", "Site", "SubPortal")}
    bench.do("send_form", path=_DOORS[1], portal=floor.place.portal, fields=fields)
    bench.expect("PORTAL-2", LAUNCHED, case="no question is required")
