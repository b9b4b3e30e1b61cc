"""LOGON-2 to LOGON-5, CONN-1 to CONN-3, SEC-2: into the desk and out of it, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
import requests
from lxml import html

from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import Browser
from broker_sim.tests.desk_pages import DeskPage, first_queue, rep
from broker_sim.web.helpalert.app import application

MINUTE = timedelta(minutes=1)


@pytest.fixture
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def pass_time(broker: RunningBroker, by: timedelta) -> None:
    broker.tester.advance(broker.tester.clock.now() + by)


def cookies_of(answer: requests.Response) -> SimpleCookie:
    found = SimpleCookie()
    for one in answer.raw.headers.getlist("Set-Cookie"):
        found.load(one)
    return found


def test_a_login_gives_a_cookie_that_no_script_and_no_other_world_sees(
    broker: RunningBroker,
) -> None:
    """SEC-2: HttpOnly, SameSite, for the desk's paths of this world only."""
    desk = rep(broker).log_in()
    assert desk.token
    said = cookies_of(desk.browser.answer.history[0])["helpalert"]
    assert (said["httponly"], said["samesite"], said["path"]) == (True, "Lax", "/helpalert")
    assert said.value not in desk.browser.answer.text


def test_on_https_the_cookie_is_bound_to_the_host_and_names_its_world() -> None:
    """SEC-2: `__Host-` takes no path but the root, so the world is part of the name."""
    with running_broker(tls=True) as broker, broker.world(8) as other:
        assert broker.ca_file is not None
        names = []
        for root in (broker.url, other.url):
            desk = DeskPage(broker, other.rep_logins[0][0], other.rep_logins[0][1], root)
            desk.http.trust_env = False  # a bundle named there would go before ours
            desk.http.verify = str(broker.ca_file)
            if root == broker.url:
                desk.email, desk.password = broker.rep_logins[0]
            desk.log_in()
            (name,) = (n for n in cookies_of(desk.browser.answer.history[0]) if "form" not in n)
            said = cookies_of(desk.browser.answer.history[0])[name]
            assert (said["secure"], said["path"], said["domain"]) == (True, "/", "")
            names.append(name)
        assert names[0] == "__Host-helpalert"
        assert names[1].startswith("__Host-helpalert-w-")


def test_behind_a_proxy_that_speaks_https_the_cookies_are_as_on_https(
    broker: RunningBroker,
) -> None:
    """SEC-2: `--http --base-url https://...`; the long poll finds what the pages have set."""
    broker.worlds.hand().broker.base_url = "https://desk.example"
    asked: Any = {"timeout": 10, "allow_redirects": False}
    form = requests.get(f"{broker.url}/helpalert/login", **asked)
    (name,) = cookies_of(form)
    said = cookies_of(form)[name]
    assert (name, said["secure"], said["path"]) == ("__Host-helpalert-form", True, "/")

    page: Any = html.fromstring(form.content)
    (token,) = page.xpath("//input[@name='token']/@value")
    email, password = broker.rep_logins[0]
    sent = {"token": token, "username": email, "password": password}
    given: Any = {"Cookie": f"{name}={said.value}"}
    answer = requests.post(f"{broker.url}/helpalert/login", data=sent, headers=given, **asked)
    own = cookies_of(answer)["__Host-helpalert"]
    assert (own["secure"], own["path"]) == (True, "/")
    given = {"Cookie": f"__Host-helpalert={own.value}"}
    for path in ("state", "events?since=0&wait=0"):
        url = f"{broker.url}/helpalert/{path}"
        assert requests.get(url, headers=given, **asked).status_code == 200


def test_a_planted_cookie_is_never_taken_over(broker: RunningBroker) -> None:
    """SEC-2, LOGON-1: the id is fresh at each login, whatever the browser had."""
    desk = rep(broker)
    desk.http.cookies.set("helpalert", "planted", domain="127.0.0.1", path="/helpalert")
    desk.log_in()
    first = desk.http.cookies.get("helpalert", path="/helpalert")
    desk.browser.send("Log off")
    desk.log_in()
    assert len({"planted", first, desk.http.cookies.get("helpalert", path="/helpalert")}) == 3


def test_wrong_passwords_lock_the_login_and_the_page_says_until_when(
    broker: RunningBroker,
) -> None:
    """LOGON-3: three failures lock for five minutes, at the desk and at the service alike."""
    desk = rep(broker)
    for _ in range(3):
        desk.log_in("wrong")
        assert "is wrong" in desk.browser.text
        assert desk.browser.answer.status_code == 403
    desk.log_in()
    until = broker.tester.clock.now() + 5 * MINUTE
    assert f"It opens at {until:%H:%M:%S} UTC" in desk.browser.text
    assert desk.browser.answer.headers["Retry-After"] == "300"
    pass_time(broker, 5 * MINUTE)
    assert desk.log_in().token


def test_an_unknown_address_is_told_what_a_wrong_password_is(broker: RunningBroker) -> None:
    """LOGON-2: no page says which of the two was wrong; what was typed is typed again."""
    desk, nobody = rep(broker), DeskPage(broker, "nobody@example.invalid", "x")
    texts = {one.log_in("wrong").browser.text for one in (desk, nobody)}
    assert len(texts) == 1
    assert nobody.browser.typed("username") == "nobody@example.invalid"
    assert 'value="wrong"' not in nobody.browser.answer.text


def test_the_tenth_failure_locks_for_good(broker: RunningBroker) -> None:
    """LOGON-4: where a portal of the representative has hard lockouts."""
    desk = rep(broker)
    portal, _ = first_queue(broker)
    with broker.tester.world.store.writing() as tx:
        tx.set_hard_lockouts(portal, on=True)
    for nth in range(10):
        desk.log_in("wrong")
        if nth % 3 == 2:
            pass_time(broker, 5 * MINUTE)
    desk.log_in()
    assert "locked for good" in desk.browser.text


def test_a_second_login_is_refused_and_says_what_to_do(broker: RunningBroker) -> None:
    """CONN-1: the first goes on; an idle one ends by itself."""
    first, second = rep(broker).log_in(), rep(broker)
    pass_time(broker, MINUTE)
    second.log_in()
    assert "in use at another place" in second.browser.text
    assert second.browser.answer.status_code == 409
    assert first.state()["representative"]["email"] == first.email
    pass_time(broker, 20 * MINUTE)
    assert second.log_in().token
    ended = first.ask("/state")
    assert (ended.status_code, ended.json()["fault"]) == (401, "ConnectionExpired")


def test_who_has_no_connection_is_sent_to_log_in(broker: RunningBroker) -> None:
    """CONN-3: a page of its own for a connection that has ended."""
    assert Browser().get(f"{broker.url}/helpalert/").title == "Log in"
    desk = rep(broker).log_in()
    pass_time(broker, 20 * MINUTE)
    desk.browser.get(f"{desk.home}/")
    assert "Your connection has ended" in desk.browser.text
    assert "helpalert" not in desk.http.cookies.get_dict(path="/helpalert")


def test_who_logs_off_is_off(broker: RunningBroker) -> None:
    """CONN-2: at once, and the login is free again."""
    desk = rep(broker).sit_down()
    desk.browser.get(f"{desk.home}/").send("Log off")
    assert "You are logged off" in desk.browser.text
    assert desk.ask("/state").status_code == 401
    assert rep(broker).log_in().token


def test_who_is_logged_in_finds_the_desk_behind_the_log_in_page(broker: RunningBroker) -> None:
    desk = rep(broker).log_in()
    desk.browser.get(f"{desk.home}/login")
    assert desk.browser.answer.url == f"{desk.home}/"


def test_a_forged_form_does_nothing(broker: RunningBroker) -> None:
    """SEC-2: no token, another's token, and another site are refused, the log-in form's too."""
    desk, other = rep(broker).log_in(), rep(broker, 1).log_in()
    right = desk.token
    for token in ("", "x" * 43, other.token, right[:-1] + chr(ord(right[-1]) ^ 1)):
        desk.token = token
        assert desk.post("setAvailability", {"available": True}).status_code == 403
    desk.token = right
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site}
        answer = desk.post("setAvailability", {"available": True}, **headers)
        assert answer.status_code == 403
    assert not desk.state()["available"]
    for token in ("", right):
        desk.browser.post(f"{desk.home}/logoff", token=token[::-1])
    assert desk.state()
    form = Browser().get(f"{desk.home}/login")
    stolen = form.typed("token")
    forged = Browser().post(f"{desk.home}/login", username="a@b.example", password="", token=stolen)
    assert forged.answer.status_code == 403


def test_a_token_of_one_login_is_none_of_the_next(broker: RunningBroker) -> None:
    """SEC-2: it is made from the connection."""
    desk = rep(broker).log_in()
    old = desk.token
    desk.browser.send("Log off")
    desk.log_in()
    assert old != desk.token
    desk.token = old
    assert desk.post("setAvailability", {"available": True}).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 256,
        "a\0b@example.com",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_name_that_cannot_be_one_is_a_wrong_name(broker: RunningBroker, name: str) -> None:
    """LOGON-2: also one that a database would refuse to look for."""
    desk = rep(broker)
    desk.email = name
    desk.log_in("wrong")
    assert "is wrong" in desk.browser.text


def test_the_journal_keeps_neither_password_nor_id_nor_token(broker: RunningBroker) -> None:
    """REC-7, SEC-2: of the forms, the pages and what scripts send."""
    desk = rep(broker).sit_down()
    desk.browser.get(f"{desk.home}/")
    identifier = desk.http.cookies.get("helpalert", path="/helpalert")
    assert identifier
    told = [str(seen.told()) for seen in broker.journal.seen()]
    assert any("/helpalert/login" in one for one in told)
    for secret in (desk.password, identifier, desk.token):
        assert all(secret not in one for one in told)


def test_the_journal_says_what_was_done_in_the_words_of_the_service(
    broker: RunningBroker,
) -> None:
    """AGENT-1: so one expectation holds for both ways to do a thing."""
    desk = rep(broker)
    desk.log_in("wrong")
    desk.sit_down()
    desk.refused("sendChat", 99999999, text="Hi")
    desk.read("/events", since=0, wait=0)
    desk.browser.get(f"{desk.home}/").send("Log off")
    told = [one for one in broker.journal.seen() if one.door == "/helpalert"]
    assert [(one.operation, one.fault) for one in told if one.operation != "page"] == [
        ("logon", "InvalidCredentials"),
        ("logon", None),
        ("setAvailability", None),
        ("sendChat", "NoSuchSession"),
        ("getEvents", None),
        ("logoff", None),
    ]
    (said,) = (one for one in told if one.operation == "sendChat")
    assert said.arguments == {"sessionId": 99999999, "text": "Hi"}


def test_a_demo_offers_its_logins_and_nobody_else_does(broker: RunningBroker) -> None:
    """SEC-1: by what the process was started with, never by the world."""
    assert "in this demo" not in Browser().get(f"{broker.url}/helpalert/login").text
    username, password = broker.rep_logins[0]
    person = {"name": "<i>Zoë</i>", "username": username, "password": password, "serves": "<b>"}
    demo = {"representatives": [person], "managers": []}
    environ = {"broker_sim.world": broker.tester.world, "broker_sim.demo": demo}
    client = application().test_client()
    page: Any = html.fromstring(client.get("/helpalert/login", environ_overrides=environ).text)
    (button,) = page.xpath("//section[@class='demo']//button")
    assert button.text_content() == "<i>Zoë</i><b>"
    fields = dict(button.getparent().form_values())
    answer = client.post("/helpalert/login", data=fields, environ_overrides=environ)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/helpalert/")
