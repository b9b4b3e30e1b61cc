"""The suite bites: null targets pass nothing, a right small broker passes, wrong ones do not."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from conformance.exchange import Unreachable
from conformance.hands import Hands
from conformance.mutants.matrix import EXAMPLES, RULES
from conformance.replay import again
from conformance.rulebook import chosen
from conformance.runner import Plan, judge
from conformance.target import Description, own, reached
from conformance.target import Login as Lent
from conformance.tests.small_broker import TOKEN, Login, World, small_broker
from conformance.tests.small_broker.soap import Refused
from conformance.tests.small_broker.wsdl import document
from conformance.verdict import Result, Verdict

# What a broker needs that can be restarted, is served, and hashes slowly.
SERVED = {"LOGON-2", "LOGON-6", "RET-3", "SEC-1"}


# What the small broker has; the rules of the rest are none of its.
SHOWN = frozenset({"sessions", "recordings"})


def _judged(url: str, *rules: str, examples: int = 3) -> dict[str, Verdict]:
    plan = Plan(chosen("full", rules), seed=7, examples=examples, shrink_seconds=2)
    described = Description(url, control=url, token=TOKEN, capabilities=SHOWN)
    with reached(described) as target:
        return {verdict.rule.id: verdict for verdict in judge(target, plan)}


def test_a_second_small_broker_passes_all_that_it_can_show() -> None:
    """Every rule: no false alarm, and every needed case met, on a broker of other making."""
    with small_broker() as url:
        verdicts = _judged(url)

    passed = (Result.PASS, Result.NOT_APPLICABLE)
    odd = {rule: each for rule, each in verdicts.items() if each.result not in passed}
    assert sum(each.result is Result.PASS for each in verdicts.values()) == 32
    assert set(odd) == SERVED, [(rule, each.result, each.why) for rule, each in odd.items()]
    assert {each.result for each in odd.values()} == {Result.NOT_TESTABLE}


class LocksLate(World):
    """Locks at the fourth failure."""

    def _fail(self, login: Login) -> None:
        login.failures += 1
        if login.failures % 4 == 0:
            login.until = self.now + timedelta(minutes=5)


class LocksLonger(World):
    """An attempt while locked extends the lock."""

    def logon(self, username: str, password: str) -> str:
        try:
            return super().logon(username, password)
        except Refused as refused:
            if refused.code == "LockedOut":
                self.logins[username].until = self.now + timedelta(minutes=5)
            raise


class LosesAnItem(World):
    """A page behind `after` leaves one out."""

    def get_session_ids(self, connection_id: str, **asked: Any) -> list[int]:
        found = super().get_session_ids(connection_id, **asked)
        return found[1:] if asked.get("after") is not None else found


class KeepsTooLong(World):
    """Keeps sessions a millisecond too long."""

    def _due(self, to: Any) -> Any:
        late = timedelta(milliseconds=1)
        return [
            (time, *rest)
            for time, *rest in super()._due(to)
            if "_purge" not in str(rest[1]) or time + late <= to
        ]


WRONG = [
    (LocksLate, "LOGON-3"),
    (LocksLonger, "LOGON-5"),
    (LosesAnItem, "SESS-5"),
    (KeepsTooLong, "RET-1"),
]


@pytest.mark.parametrize(("world", "rule"), WRONG)
def test_a_wrong_broker_is_caught_and_its_history_replays(
    world: Callable[[], World], rule: str
) -> None:
    """The break is found under its own rule, and happens again on the wrong broker only."""
    with small_broker(world()) as url:
        verdict = _judged(url, rule)[rule]

    assert verdict.result is Result.FAIL
    assert verdict.broken is not None
    assert verdict.reproduced == (3, 3)
    with small_broker() as url, reached(Description(url, control=url, token=TOKEN)) as target:
        assert not again(Hands(target), verdict.broken)


def test_other_rules_are_judged_although_one_is_broken() -> None:
    """A machine that meets a break goes on without it: LOGON-4 is not hidden by LOGON-5."""
    with small_broker(LocksLonger()) as url:
        verdicts = _judged(url, "LOGON-3", "LOGON-4", "LOGON-5")

    results = {rule: verdict.result for rule, verdict in verdicts.items()}
    assert results == {"LOGON-3": Result.PASS, "LOGON-4": Result.PASS, "LOGON-5": Result.FAIL}


def test_a_crash_that_is_not_in_the_middle_proves_nothing() -> None:
    """RET-3: the purge must have begun, and not be over, when the target is killed."""
    with small_broker() as url:
        described = Description(url, control=url, token=TOKEN, restart=("true",))
        plan = Plan(("RET-3",), seed=7, examples=1, shrink_seconds=1)
        with reached(described) as target:
            (verdict,) = judge(target, plan)

    assert verdict.result is Result.NOT_TESTABLE
    assert "every purge was over before the target could be killed" in verdict.why


def test_a_target_that_goes_away_ends_the_run() -> None:
    """Exit code 4, not a verdict: nothing is said of rules that could not be tried."""

    class Leaves:
        def begins(self, *_told: object) -> None:
            pass

        def ends(self, *_told: object) -> None:
            gone.close()

        def waits(self, *_told: object) -> None:
            pass

    with ExitStack() as gone:
        url = gone.enter_context(small_broker())
        described = Description(url, control=url, token=TOKEN)
        target = gone.enter_context(reached(described))
        plan = Plan(chosen("full", ["LOGON-2"]), seed=7, examples=2, shrink_seconds=1)
        with pytest.raises(Unreachable):
            judge(target, plan, Leaves())


@contextmanager
def _null_target(answer: Callable[[bytes], tuple[int, bytes]]) -> Iterator[str]:
    """Serve the right WSDL, and otherwise nothing but what `answer` makes of a body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name
            pass

        def do_GET(self) -> None:
            version = "1.2" if self.path.endswith("wsdl12") else "1.1"
            self._say(200, document(version, "http://null.example"))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._say(*answer(body))

        do_PUT = do_POST  # noqa: N815  # the name that http.server calls

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


NULLS: dict[str, Callable[[bytes], tuple[int, bytes]]] = {
    "one canned 200": lambda _body: (200, b"<ok/>"),
    "one canned 500": lambda _body: (500, b"error"),
    "one canned 404": lambda _body: (404, b"not found"),
    "echo": lambda body: (200, body),
    "an empty 200": lambda _body: (200, b""),
}


@pytest.mark.parametrize("name", NULLS)
def test_a_null_target_passes_no_rule(name: str) -> None:
    """A target that understands nothing passes nothing, not even the refusal of hostile input."""
    with _null_target(NULLS[name]) as url:
        lent = (Lent("a", "password-of-a"), Lent("b", "password-of-b"))
        plan = Plan(chosen("full"), seed=7, examples=2, shrink_seconds=0.2)
        with reached(Description(url, logins=lent)) as target:
            verdicts = judge(target, plan)

    passed = [each.rule.id for each in verdicts if each.result is Result.PASS]
    assert passed == []
    assert any(each.result is Result.FAIL for each in verdicts)


def test_the_simulator_itself_passes_quick_rules() -> None:
    """The reference, in this process: a few rules of every kind; the whole is a slow test."""
    rules = ("LOGON-3", "CONN-2", "SESS-2", "UPD-4", "REC-3", "RET-2", "WIRE-1")
    with own(7) as target:
        verdicts = judge(target, Plan(chosen("full", rules), seed=7, examples=2))

    assert {each.rule.id: each.result for each in verdicts} == dict.fromkeys(rules, Result.PASS)


@pytest.mark.slow
def test_the_simulator_itself_passes_everything() -> None:
    """The reference passes every rule, with every needed case met; nothing is not testable.

    It is also what the mutants of `test_one_of_each_rule_is_caught` are held against.
    """
    with own(7) as target:
        verdicts = judge(target, Plan(chosen("full"), seed=7, examples=EXAMPLES))

    odd = [
        (each.rule.id, each.result, each.why) for each in verdicts if each.result is not Result.PASS
    ]
    assert odd == []
    assert {each.rule.id for each in verdicts} >= set(RULES)
