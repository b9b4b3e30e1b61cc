"""Forms that were opened before somebody else changed what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest

from broker_sim.core.management import Role
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import Browser
from broker_sim.tests.manager_cast import Cast
from broker_sim.tests.managers_in import logged_in

ADMIN: Final = "/manager/administration"
SAID: Final = (
    "somebody has changed this since you opened the page: here it is as it stands now. Change it"
    " again and save; Back shows what you had typed"
)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def cast(broker: RunningBroker) -> Iterator[Cast]:
    with broker.world(sessions=3) as made:
        yield Cast(made)


Given = Mapping[str, str | bool]
Edits = Callable[[Any], tuple[Given, Given]]


def boxes(form: Any) -> tuple[Given, Given]:
    """Let one manager untick the first, and the other tick another one."""
    found = form.xpath(".//input[@type='checkbox']")
    ticked = next(one.name for one in found if one.checked)
    return {ticked: False}, {next(one.name for one in found if not one.checked): True}


def edits(theirs: Given, mine: Given) -> Edits:
    return lambda _form: (theirs, mine)


FORMS: Final[Mapping[str, tuple[str, Callable[[Cast], dict[str, str]], Edits]]] = {
    "portals/serving": (
        "/portals/serving",
        lambda of: {"name": of.desk[0], "sub": of.desk[1]},
        boxes,
    ),
    "representatives/desks": ("/representatives/one", lambda of: {"email": of.rep.email}, boxes),
    "representatives/change": (
        "/representatives/one",
        lambda of: {"email": of.rep.email},
        edits({"name": "Otto Other"}, {"screenName": "Otti"}),
    ),
    "portals/form": (
        "/portals/form",
        lambda of: {"name": of.portal},
        edits({"label-0": "Who are you?"}, {"unseen-0": True}),
    ),
    "portals/branding": (
        "/portals/branding",
        lambda of: {"name": of.portal},
        edits({"greeting": "Hello."}, {"footer": "Goodbye."}),
    ),
    "portals/change": (
        "/portals/one",
        lambda of: {"name": of.portal},
        edits({"displayName": "Other"}, {"type": "SmartPin"}),
    ),
    "portals/codes": (
        "/portals/one",
        lambda of: {"name": of.portal},
        edits({"codesPerRep": "3"}, {"codeMinutes": "9"}),
    ),
    "managers/change": (
        "/managers/one",
        lambda of: {"email": of.managers[Role.TEAM]},
        edits({"name": "Otto Other"}, {"role": "api"}),
    ),
}


def form_of(there: Browser, action: str) -> Any:
    (form,) = (one for one in there.page.forms if one.action.endswith(f"/{action}"))
    return form


def fill(form: Any, given: Given) -> dict[str, str]:
    """Fill in a form; give what a browser would send."""
    for name, value in given.items():
        if isinstance(value, bool):
            form.inputs[name].checked = value
        else:
            form.fields[name] = value
    return dict(form.form_values())


@pytest.mark.parametrize("action", FORMS)
def test_an_old_form_takes_nothing_back(cast: Cast, action: str) -> None:
    """SEC-2: the second of two managers is told, sees what the first did, and adds to it."""
    path, where, edited = FORMS[action]
    page, to = cast.made.url + ADMIN + path, f"{cast.made.url}{ADMIN}/{action}"
    first, second = logged_in(cast.made), logged_in(cast.made)
    for there in (first, second):
        there.get(page, **where(cast))
    theirs, mine = edited(form_of(second, action))
    sent = fill(form_of(first, action), theirs)
    assert "Done." in first.post(to, **sent).text
    assert "Done." in first.post(to, **sent).text  # twice is once

    second.post(to, **fill(form_of(second, action), mine))
    assert second.answer.status_code == 400
    assert SAID[1:] in second.text
    form = form_of(second, action)
    shown = dict(form.form_values())
    assert fill(form, theirs) == shown
    second.post(to, **fill(form, mine))
    assert "Done." in second.text

    form = form_of(first.get(page, **where(cast)), action)
    stands = dict(form.form_values())
    assert fill(form, {**theirs, **mine}) == stands
