"""AGENT-1, AGENT-2: doings as pure steps: what they leave, what they refuse."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.core import desktop, session
from broker_sim.core.record import Event, Labelled, Representative, Session
from broker_sim.tests.refusals import code_of
from broker_sim.tests.stores import START

AMY = Representative("amy@a.example", "Amy A", "Amy", "Desk", "192.0.2.1")
SECOND = timedelta(seconds=1)


def going() -> Session:
    """Give a session that goes on."""
    accepted = session.accept(session.post(5, "alpha", "print", "Why?", START), AMY, START)
    return session.start(accepted, START)


@given(st.text(), st.integers(0, 10**9))
def test_a_file_s_name_is_read_from_its_event(name: str, size: int) -> None:
    """AGENT-1, AGENT-2: whatever the name looks like, byte for byte."""
    sent = desktop.send_file(going(), name, size, START)

    (said,) = desktop.files_sent(sent)
    assert said == f"{name} ({size} bytes)"
    assert desktop.file_name(said) == name


@given(st.text(min_size=1, max_size=20), st.integers(0, 2 * limits.SENT_FILE_MAX_BYTES))
def test_a_file_may_be_sent_unless_it_is_a_path_or_too_large(name: str, size: int) -> None:
    """AGENT-1: the limit is the last that is taken."""
    is_path = "/" in name or "\\" in name or name in {".", ".."}
    refused = code_of(partial(desktop.check_file, name, size))

    assert (refused is None) == (not is_path and size <= limits.SENT_FILE_MAX_BYTES)


@given(st.text().filter(lambda text: not text.lower().startswith("http")))
def test_a_page_that_is_pushed_is_one_of_the_web(text: str) -> None:
    """AGENT-1: by its scheme and a host; what follows is the rep's business."""
    assert code_of(partial(desktop.push_url, going(), text, START)) == "InvalidArgument"
    pushed = desktop.push_url(going(), f"HTTPS://a{text}", START)
    assert pushed.events[-1].detail == f"HTTPS://a{text}"


@pytest.mark.parametrize("reconnected", [False, True])
def test_a_reboot_is_on_the_record(*, reconnected: bool) -> None:
    """AGENT-1, SESS-4: the last one counts, and each leaves its marks."""
    was = desktop.reboot(going(), START, reconnected=not reconnected)

    after = desktop.reboot(was, START + SECOND, reconnected=reconnected)

    assert after.reboot_reconnect == ("Successful" if reconnected else "ReconnectFailed")
    kinds = [event.kind for event in after.events if event.time > START]
    assert kinds == [Event.REBOOTED, Event.RECONNECTED][: 1 + reconnected]


@given(st.lists(st.sampled_from(["rep", "customer"]), max_size=4))
def test_each_party_rates_once_in_any_order(order: list[str]) -> None:
    """AGENT-1, PORTAL-5: the first of each is kept, whatever the other did."""
    pair = (Labelled("Q", "1"),)
    after = session.end(going(), START, resolution="Resolved")
    steps = {"rep": session.rate_as_rep, "customer": session.rate}
    for nth, who in enumerate(order):
        refused = code_of(partial(steps[who], after, pair, START))
        assert refused == ("OutOfTurn" if who in order[:nth] else None)
        after = after if refused else steps[who](after, pair, START)

    assert after.rep_ratings == (pair if "rep" in order else ())
    assert after.customer_ratings == (pair if "customer" in order else ())
    assert session.surveyed(after) == ("customer" in order)


def test_ratings_at_the_end_are_the_rep_s_survey() -> None:
    """AGENT-1: who rated when it ended the session does not rate again."""
    pair = (Labelled("Q", "1"),)
    ended = session.end(going(), START, rep_ratings=pair)

    assert code_of(partial(session.rate_as_rep, ended, pair, START)) == "OutOfTurn"
    assert session.rate(ended, pair, START).customer_ratings == pair
