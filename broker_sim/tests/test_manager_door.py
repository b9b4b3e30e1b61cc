"""SEC-2: the door of the Management Center: cookies, worlds beside each other, demonstrations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from broker_sim.bootstrap import exports
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import Browser
from broker_sim.tests.desk_pages import DeskPage
from broker_sim.tests.managers_in import logged_in, password_of


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def cookie_of(broker: RunningBroker, url: str, verify: str | bool = True) -> str:
    username, password = password_of(broker, "company")
    answer = requests.post(
        f"{url}/manager/login",
        data={"username": username, "password": password},
        allow_redirects=False,
        verify=verify,
        timeout=10,
    )
    return answer.headers["Set-Cookie"]


def test_the_cookie_is_for_this_world_s_pages_and_for_no_script(broker: RunningBroker) -> None:
    """SEC-2: gone when the browser is closed."""
    with broker.world() as world:
        set_cookie = cookie_of(broker, world.url)

    assert set_cookie.startswith("manager=")
    assert f"Path=/w/{world.name}/manager" in set_cookie
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie
    assert "Max-Age" not in set_cookie
    assert "Expires" not in set_cookie


def test_over_https_no_other_host_can_set_it() -> None:
    """SEC-2: `__Host-` wants Secure and all paths, so its name tells the world."""
    with running_broker(tls=True) as broker, broker.world() as world:
        there = cookie_of(broker, broker.url, str(broker.ca_file))
        other = cookie_of(broker, world.url, str(broker.ca_file))

    assert there.startswith("__Host-manager=")
    assert other.startswith(f"__Host-manager_w_{world.name}=")
    for one in (there, other):
        assert "Secure" in one
        assert "HttpOnly" in one
        assert "Path=/;" in one
        assert "Domain" not in one


def test_who_is_logged_in_in_one_world_is_so_in_no_other(broker: RunningBroker) -> None:
    """SEC-2: not even with the same cookie and the same seed."""
    with broker.world(seed=7) as one, broker.world(seed=8) as other:
        there = logged_in(one)
        held = there.session.cookies["manager"]
        stranger = Browser()
        stranger.session.cookies.set("manager", held)
        assert stranger.get(f"{other.url}/manager/").title == "Log in"


def test_an_export_logs_nobody_in(broker: RunningBroker) -> None:
    """SEC-2: a copy of a world has its managers, and none of their logins."""
    with broker.world() as world:
        there = logged_in(world)
        document = exports.export(broker.worlds.hand(world.name).broker)
        assert len(document["tables"]["manager"]) == 4
        assert list(document["tables"]["manager_login"]) == []
        row = {"digest": "AAAA", "email": "x", "opened": 0, "last_used": 0}
        tables = {**document["tables"], "manager_login": [row]}
        name = broker.worlds.new({"import": {**document, "tables": tables}})
        copy = broker.worlds.hand(name).broker
        assert list(copy.store.tables()["manager_login"]) == []
        broker.worlds.drop(name)
        assert there.get(f"{world.url}/manager/").title == "Dashboard"


def test_an_export_keeps_who_is_logged_on_at_the_desk(broker: RunningBroker) -> None:
    """CONN-1: in the imported world the same connection is open, by the same id."""
    with broker.world() as world:
        desk = DeskPage(broker, *world.rep_logins[0], world.url).log_in()
        (own,) = (one.value for one in desk.http.cookies if "form" not in one.name)
        document = exports.export(broker.worlds.hand(world.name).broker)
        name = broker.worlds.new({"import": document})
        sent = {"Cookie": f"helpalert-w-{name}={own}", "Accept": "application/json"}
        told = requests.get(f"{broker.url}/w/{name}/helpalert/state", headers=sent, timeout=10)
        broker.worlds.drop(name)
    assert told.json()["representative"]["email"] == desk.email


def test_a_demonstration_offers_its_people_with_one_click(broker: RunningBroker) -> None:
    """SEC-2: where it was asked for only; elsewhere no page tells a password."""
    worlds, plain = broker.worlds, broker.worlds.hand().broker.settings
    name = worlds.make(None, replace(plain, store="memory", demo=True))
    told = worlds.hand(name).broker
    there = Browser().get(f"{told.base_url}/manager/login")
    there.send(f"{told.manager_logins()[2]['name']}Team manager")
    assert there.title == "Dashboard"
    page = Browser().get(f"{told.base_url}/helpalert/login").page
    desks = [one.text_content() for one in page.xpath("//*[@class='demo-logins']/li")]
    for rep in told.tester.describe()["representatives"]:
        (desk,) = (one for one in desks if rep["name"] in one)
        # who is to take a request has to serve its queue
        assert all(served["subPortal"] in desk for served in rep["desks"])
    worlds.drop(name)

    elsewhere = requests.get(f"{broker.url}/manager/login", timeout=10).text
    assert "Demonstration" not in elsewhere
    assert not any(password in elsewhere for _, _, password in broker.manager_logins)


def test_a_tester_opens_a_manager_who_is_locked_for_good(broker: RunningBroker) -> None:
    """LOGON-4: by the control API, which names the managers, too."""
    with broker.world() as world:
        headers = {"Authorization": f"Bearer {world.control_token}"}
        told = requests.get(f"{world.control_url}/world", headers=headers, timeout=10).json()
        assert [one["role"] for one in told["managers"]] == [
            role for role, _, _ in world.manager_logins
        ]
        username = told["managers"][1]["username"]
        for _ in range(3):
            Browser().post(f"{world.url}/manager/login", username=username, password="wrong")
        assert requests.post(
            f"{world.control_url}/managers/{username}/unlock", headers=headers, timeout=10
        ).json() == {"unlocked": username}
        assert logged_in(world, "api").title == "Dashboard"
