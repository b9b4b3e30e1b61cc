"""SEC-2: every page of the Management Center, asked for by every role and by nobody.

The table is the application's own map of URLs: a page that is added is asked for here, too, and
one that does not say whom it is for is shut.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
import requests
from werkzeug.routing import Rule

from broker_sim.core.management import POWERS, Power, Role
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.managers_in import logged_in
from broker_sim.web.manager import access
from broker_sim.web.manager.app import application

SEAL = "//input[@name='token']/@value"
# Whom pages are for that are no part of a power of their own.
OPEN = {"login"}
FOR_ALL = {"logout", "password"}
# What an answer may be that was let in: a page, a file, a redirect, a refused value, no such thing.
LET_IN = {200, 302, 303, 304, 400, 404, 409, 410}
EXPECTED = {
    "dashboard": Power.DASHBOARD,
    "now": Power.DASHBOARD,
    "administration": Power.LOCKOUTS,
    "lockouts": Power.LOCKOUTS,
    "unlock": Power.LOCKOUTS,
    "retention": Power.PORTALS,
    "audit": Power.AUDIT,
    "audit_csv": Power.AUDIT,
    "reps": Power.STAFF,
    "rep": Power.STAFF,
    "logins": Power.LOGINS,
    "sessions": Power.SESSIONS,
    "sessions_csv": Power.SESSIONS,
    "review": Power.SESSIONS,
    "replay": Power.SESSIONS,
    "replay_one": Power.SESSIONS,
    "sealed_diagnostics": Power.SESSIONS,
    "reports": Power.REPORTS,
    "report": Power.REPORTS,
    "report_csv": Power.REPORTS,
    "portal_key": Power.KEYS,
    "portal_key_clear": Power.KEYS,
}
BEGIN = {
    "portal": Power.PORTALS,
    "rep_": Power.STAFF,
    "login_": Power.LOGINS,
    "team": Power.TEAMS,
    "manager": Power.MANAGERS,
}


@cache
def rules() -> tuple[Rule, ...]:
    """Give all that the Management Center answers, as (rule, method) pairs in order."""
    return tuple(sorted(application().url_map.iter_rules(), key=lambda rule: rule.rule))


CALLS = [
    pytest.param(rule.endpoint, rule, method, id=f"{method} {rule.rule}")
    for rule in rules()
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
]


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(sessions=3) as running:
        yield running


@pytest.fixture(scope="module")
def sessions(broker: RunningBroker) -> dict[Role, tuple[requests.Session, str]]:
    """Give every role's browser, and the seal of its forms."""
    found = {}
    for role in Role:
        there = logged_in(broker, role)
        found[role] = there.session, str(there.page.xpath(SEAL)[0])
    return found


def path_of(broker: RunningBroker, rule: Rule) -> str:
    """Give a path of the rule; numbers and names in it are of nothing that there is."""
    with application().test_request_context():
        adapter = application().url_map.bind("")
        values = dict.fromkeys(rule.arguments, 99 if "int" in rule.rule else "nothing")
        return broker.url + adapter.build(rule.endpoint, values, method=None)


def expected(endpoint: str) -> frozenset[Role] | None:
    """Tell whom a page is for, by this file's own table; None where it knows nothing of it."""
    power = EXPECTED.get(endpoint)
    if power is None:
        power = next((p for start, p in BEGIN.items() if endpoint.startswith(start)), None)
    return None if power is None else frozenset(role for role in Role if power in POWERS[role])


@pytest.mark.parametrize(("endpoint", "rule", "method"), CALLS)
def test_a_page_is_for_its_roles_and_for_nobody_else(
    broker: RunningBroker,
    sessions: dict[Role, tuple[requests.Session, str]],
    endpoint: str,
    rule: Rule,
    method: str,
) -> None:
    """SEC-2: nobody is sent to the login; another role is forbidden; its own is let in."""
    url = path_of(broker, rule)
    with application().app_context():
        roles = access.whom_for(endpoint)
    if endpoint in OPEN:
        assert roles is None
        return
    assert roles
    assert roles == (frozenset(Role) if endpoint in FOR_ALL else expected(endpoint))

    nobody = requests.request(method, url, allow_redirects=False, timeout=10)
    if method == "GET":
        assert nobody.status_code == 303
        assert nobody.headers["Location"].startswith("/manager/login?next=")
    else:
        assert nobody.status_code == 401
    for role, (session, seal) in sessions.items():
        if endpoint == "logout" and role is not Role.API:
            continue  # or the others would be logged out, too
        answer = session.request(
            method, url, data={"token": seal} if method == "POST" else None,
            allow_redirects=False, timeout=10,
        )  # fmt: skip
        if role in roles:
            assert answer.status_code in LET_IN, answer.text
        else:
            assert answer.status_code == 403
            assert "Your role does not allow this" in answer.text
    if endpoint == "logout":
        sessions[Role.API] = _again(broker)


def _again(broker: RunningBroker) -> tuple[requests.Session, str]:
    there = logged_in(broker, Role.API)
    return there.session, str(there.page.xpath(SEAL)[0])


@pytest.mark.parametrize(
    ("endpoint", "rule", "method"), [call for call in CALLS if "POST" in str(call.id)]
)
def test_no_form_is_taken_from_elsewhere(
    broker: RunningBroker,
    sessions: dict[Role, tuple[requests.Session, str]],
    endpoint: str,
    rule: Rule,
    method: str,
) -> None:
    """SEC-2: not without the seal, not with another login's, not from another site."""
    session, seal = sessions[Role.COMPANY]
    _, other = sessions[Role.TEAM]
    url = path_of(broker, rule)

    def status(token: str | None, **headers: str) -> int:
        data = {} if token is None else {"token": token}
        sent = session.post(url, data=data, headers=headers, allow_redirects=False, timeout=10)
        return sent.status_code

    for origin in ("https://evil.example", "null", broker.url.replace("http:", "https:")):
        assert status(seal, Origin=origin) == 403
    assert status(seal, **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert status(seal, **{"Sec-Fetch-Site": "same-site"}) == 403
    if endpoint not in OPEN:
        for token in (None, "", other, seal[:-1], seal + "x"):
            assert status(token, Origin=broker.url) == 403


def test_every_answer_has_the_headers_that_protect_it(broker: RunningBroker) -> None:
    """SEC-2: no frame anywhere, no script but ours, nothing kept by a cache."""
    session = logged_in(broker).session
    for path in ("/manager/", "/manager/login", "/manager/now", "/manager/audit.csv", "/manager/x"):
        answer = session.get(broker.url + path, timeout=10)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert "base-uri 'none'" in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_that_says_nothing_of_whom_it_is_for_is_shut() -> None:
    """SEC-2: to forget it is to close it."""
    with application().app_context():
        for rule in rules():
            access.whom_for(rule.endpoint)


@pytest.mark.parametrize("role", Role)
def test_the_menu_has_what_the_role_may_see(broker: RunningBroker, role: Role) -> None:
    """SEC-2: and no link leads to a page that is forbidden."""
    there = logged_in(broker, role)
    for link in there.page.xpath("//header//a/@href"):
        assert there.session.get(broker.url + str(link), timeout=10).status_code == 200
