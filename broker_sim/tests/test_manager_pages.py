"""SEC-2: the administration's pages as a manager uses them, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from lxml import html
from zeep import Client
from zeep.exceptions import Fault

from broker_sim.core.management import Role
from broker_sim.service import forms
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import Browser
from broker_sim.tests.manager_cast import GOOD, Cast
from broker_sim.tests.managers_in import logged_in

AWKWARD = '<b onclick="x()">\'Zoë\' & "Søn"</b> {{ 7 * 7 }} </script> عربي 🙂'
ADMIN = "/manager/administration"


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def cast(broker: RunningBroker) -> Iterator[Cast]:
    with broker.world(sessions=3) as made:
        yield Cast(made)


@pytest.fixture
def there(cast: Cast) -> Browser:
    return logged_in(cast.made)


def service_of(cast: Cast, name: str = "Sessions") -> Any:
    """Give a SOAP service of the world."""
    client: Any = Client(cast.made.wsdls[name])  # type: ignore[no-untyped-call]  # zeep has no types
    return client.service


def go(there: Browser, cast: Cast, path: str, **fields: str) -> Browser:
    return there.get(cast.made.url + ADMIN + path, **fields)


def test_a_new_portal_can_be_used_at_once(cast: Cast, there: Browser) -> None:
    """SEC-2: its API login logs on, its page asks."""
    go(there, cast, "/portals").follow("Add a portal")
    there.send(
        "Add it",
        name="garden",
        displayName="Garden",
        subPortals="roses\n tulips \n\n",
        username="garden.api",
        password=GOOD,
    )
    assert there.title == "Garden"
    assert "Done." in there.text
    service = service_of(cast)
    assert service.logon("garden.api", GOOD)
    assert Browser().get(f"{cast.made.url}/h/garden").title
    with cast.world.store.reading() as tx:
        portal = tx.portal("garden")
        assert portal is not None
        assert portal.sub_portals == ("roses", "tulips")
        assert portal.company == tx.portals()[-1].company


def test_a_first_password_is_taken_as_it_was_typed(cast: Cast, there: Browser) -> None:
    """SEC-2: blanks around it are a part of it, as they are when it is used."""
    go(there, cast, "/portals/new")
    typed = f" {GOOD} "
    fields = {"name": "garden", "displayName": "Garden", "subPortals": "roses"}
    there.send("Add it", **fields, username="garden.api", password=typed)

    service = service_of(cast)
    with pytest.raises(Fault, match="wrong"):
        service.logon("garden.api", GOOD)
    assert service.logon("garden.api", typed)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "1 to 255"),
        ("subPortals", "a\na", "none twice"),
        ("username", "taken", "taken"),
        ("password", "weak", "8 to 32"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(
    cast: Cast, there: Browser, field: str, typed: str, words: str
) -> None:
    """SEC-2: and nothing is added; no password comes back."""
    wanted = {"name": "garden", "displayName": AWKWARD, "subPortals": "a"}
    wanted |= {"username": "garden.api", "password": GOOD}
    go(there, cast, "/portals/new")
    there.send("Add it", **{**wanted, field: cast.login if typed == "taken" else typed})

    assert there.answer.status_code == 400
    assert words in there.page.xpath("string(//*[@id=$id])", id=f"wrong-{field}")
    assert there.typed("displayName") == AWKWARD
    assert GOOD not in there.answer.text
    with cast.world.store.reading() as tx:
        assert len(tx.portals()) == 2


def test_a_security_key_is_shown_once_and_is_in_no_journal(cast: Cast, there: Browser) -> None:
    """REC-4, REC-7, SEC-2: what was made here opens what is recorded from now on."""
    go(there, cast, "/portals/key", name=cast.portal).send("Make one for me")
    secret = there.page.xpath("string(//*[contains(@class,'secret')])")
    assert len(secret.replace("-", "")) == 24
    with cast.world.store.reading() as tx:
        key = tx.key(cast.portal)
    assert key is not None
    assert (key.version, key.secured) == (2, True)
    again = go(there, cast, "/portals/key", name=cast.portal)
    assert secret not in again.answer.text
    assert secret not in str(cast.made.journal.after(0, 1000))
    assert secret not in str(cast.deeds())


def test_a_security_key_of_one_s_own_is_typed_twice(cast: Cast, there: Browser) -> None:
    """REC-4: set, then cleared after a question that says what stays."""
    mine = "correct horse & <b>"
    go(there, cast, "/portals/key", name=cast.portal)
    there.send("Set this one", passphrase=mine, passphraseAgain="other")
    assert "not the same" in there.text
    there.send("Set this one", passphrase=mine, passphraseAgain=mine)
    assert "is set: version 2" in there.text
    assert mine not in str(cast.made.journal.after(0, 1000))
    go(there, cast, "/portals/key", name=cast.portal).follow("Clear it")
    assert "still needs the old security key" in there.text
    there.send("Clear it")
    with cast.world.store.reading() as tx:
        key = tx.key(cast.portal)
    assert key is not None
    assert (key.version, key.secured) == (3, False)


def test_a_form_is_edited_row_by_row(cast: Cast, there: Browser) -> None:
    """PORTAL-2: rows are changed, added and taken away; the survey, too."""
    go(there, cast, "/portals/form", name=cast.portal)
    first = there.typed("field-0")
    rows = len(there.page.xpath("//input[starts-with(@name,'field-')]"))
    there.send(
        "Save",
        **{"field-0": "", f"field-{rows - 1}": "Room", f"label-{rows - 1}": AWKWARD},
        **{"question-0": "Mood", "asks-0": "How?", "choices-0": "good; bad ;good;"},
    )
    assert "Done." in there.text
    with cast.world.store.reading() as tx:
        portal = tx.portal(cast.portal)
        assert portal is not None
        form = forms.form_of(tx, portal)
    assert first not in [each.name for each in form.fields]
    assert (form.fields[-1].name, form.fields[-1].label) == ("Room", AWKWARD)
    assert (form.survey[0].name, form.survey[0].choices) == ("Mood", ("good", "bad"))
    there.send("Save", **{"field-0": "Portal"})
    assert "reserved name" in there.text


def test_a_locked_login_is_opened_on_the_page(cast: Cast, there: Browser) -> None:
    """LOGON-4: and logs on again."""
    password = next(word for _, name, word in cast.made.logins if name == cast.login)
    service = service_of(cast)
    for _ in range(3):
        with pytest.raises(Fault):
            service.logon(cast.login, "wrong")
    with pytest.raises(Fault, match="locked"):
        service.logon(cast.login, password)
    go(there, cast, "/lockouts").send(f"Open {cast.login}")
    assert "Nobody is locked out" in there.text
    assert service.logon(cast.login, password)


def test_removing_asks_first(cast: Cast, there: Browser) -> None:
    """SEC-2: a look at the question changes nothing; the answer cuts the connection."""
    password = next(word for _, name, word in cast.made.logins if name == cast.login)
    service = service_of(cast)
    connection = service.logon(cast.login, password)
    go(there, cast, "/logins/remove", username=cast.login)
    assert service.getPortal(connection)
    there.send("Remove it")
    with pytest.raises(Fault):
        service.getPortal(connection)
    go(there, cast, "/logins/remove", username=cast.login)
    assert there.answer.status_code == 404


def test_nothing_that_is_typed_becomes_markup(cast: Cast, there: Browser) -> None:
    """SEC-2: names of teams, people, portals and queues, questions: on every page as they are."""
    go(there, cast, "/teams").send("Add it", name=AWKWARD)
    go(there, cast, "/portals/one", name=cast.portal).send("Add it", subPortal=AWKWARD)
    there.get(f"{cast.made.url}{ADMIN}/portals/one", name=cast.portal)
    go(there, cast, "/representatives/new").send(
        "Hire", name=AWKWARD, screenName=AWKWARD, email="a@x.example", team=AWKWARD, password=GOOD
    )
    go(there, cast, "/managers/new").send(
        "Give access", name=AWKWARD, email="b@x.example", role="team", team=AWKWARD, password=GOOD
    )
    cast.hands.perform(
        "post", {"portal": cast.portal, "subPortal": AWKWARD, "question": AWKWARD + "?"}
    )
    paths = [f"{ADMIN}/{part}" for part in ("teams", "representatives", "managers", "portals")]
    for path in [*paths, "/manager/", "/manager/now", "/manager/audit"]:
        text = there.session.get(cast.made.url + path, timeout=10).text
        page: Any = html.fromstring(text)
        assert not page.xpath("//b[@onclick]")
        assert AWKWARD.split("عربي", maxsplit=1)[0].strip() in " ".join(
            page.text_content().split()
        ), path


def test_hiring_gives_a_representative_who_can_log_on(cast: Cast, there: Browser) -> None:
    """AGENT-1: with the first password, for the desks that were ticked."""
    go(there, cast, "/representatives/new")
    box = there.page.xpath("(//input[starts-with(@name,'desk-')])[1]")[0]
    there.send(
        "Hire",
        name="Nora Neu",
        email="Nora@X.example",
        team="Night Desk",
        password=GOOD,
        **{box.name: box.get("value")},
    )
    assert "Nora Neu" in there.text
    agents = service_of(cast, "Agents")
    assert agents.logon("nora@x.example", GOOD)
    one = go(there, cast, "/representatives/one", email="nora@x.example")
    one.send("End it now")
    assert "not logged on" in there.text


def test_a_manager_whose_role_changes_is_logged_out(cast: Cast, there: Browser) -> None:
    """SEC-2: what it may do from then on is what its new role says."""
    api = logged_in(cast.made, "api")
    go(there, cast, "/managers/one", email=cast.managers[Role.API])
    there.send("Save", role="team", team="Field Team")
    assert api.get(f"{cast.made.url}/manager/").title == "Log in"
    cast.hands.advance(cast.hands.clock.now() + timedelta(seconds=1))
    assert "Field Team" in logged_in(cast.made, "api").text
