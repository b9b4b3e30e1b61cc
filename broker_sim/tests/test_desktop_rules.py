"""AGENT-1, AGENT-2: doings as pure steps: what they leave, what they refuse."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.core import customer, desktop, session
from broker_sim.core.record import Event, Labelled, Representative, Session
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.stores import START

AMY = Representative("amy@a.example", "Amy A", "Amy", "Desk", "192.0.2.1")
SECOND = timedelta(seconds=1)


def going() -> Session:
    """Give a session that goes on."""
    accepted = session.accept(session.post(5, "alpha", "print", "Why?", START), AMY, START)
    return session.start(accepted, START)


@example("a (1) (2).txt", 3)
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


@pytest.mark.parametrize("name", [".", "..", "a/b", "a\\b", "/"])
def test_a_refused_name_is_told_as_such(name: str) -> None:
    """AGENT-1: the field and the reason; two dots within a name are no path."""
    refused = refusal_of(partial(desktop.check_file, name, 1))

    assert refused is not None
    assert refused.extra == {"field": "name", "reason": "it must be no path"}
    assert code_of(partial(desktop.check_file, "a..b", 1)) is None


def test_the_largest_file_goes_and_one_byte_more_does_not() -> None:
    """AGENT-1: the refusal names the limit."""
    most = limits.SENT_FILE_MAX_BYTES
    assert refusal_of(partial(desktop.check_file, "a", most)) is None
    refused = refusal_of(partial(desktop.check_file, "a", most + 1))

    assert refused is not None
    assert refused.extra == {"field": "content", "reason": f"it is longer than {most} bytes"}


def test_what_is_no_page_is_told_as_such() -> None:
    """AGENT-1: the field and the reason."""
    refused = refusal_of(partial(desktop.push_url, going(), "ftp://a.example", START))

    assert refused is not None
    reason = "it must begin with http:// or https:// and a host"
    assert refused.extra == {"field": "url", "reason": reason}


def test_doings_without_words_leave_their_marks() -> None:
    """AGENT-1, PORTAL-4: diagnostics, the screen shared and no longer."""
    after = desktop.take_diagnostics(going(), START)
    for on in (True, False):
        after = desktop.share_screen(after, START, on=on)

    kinds = [event.kind for event in after.events[-3:]]
    assert kinds == [Event.DIAGNOSTICS_TAKEN, Event.SCREEN_ON, Event.SCREEN_OFF]


@pytest.mark.parametrize(
    ("switches", "shared"),
    [((), False), ((True,), True), ((True, False), False), ((True, False, True), True)],
)
def test_a_screen_is_shared_after_the_last_switch_says_so(
    switches: tuple[bool, ...], *, shared: bool
) -> None:
    """PORTAL-4: what its customer sees; nothing is shared once the session has ended."""
    after = going()
    for on in switches:
        after = desktop.share_screen(after, START, on=on)

    assert customer.sight(after).shares_screen is shared
    assert customer.sight(session.end(after, START)).shares_screen is False


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
    details = [event.detail for event in after.events if event.kind is Event.SURVEY_RECEIVED]
    assert details == ["representative" * (who == "rep") for who in dict.fromkeys(order)]


def test_ratings_at_the_end_are_the_rep_s_survey() -> None:
    """AGENT-1: who rated when it ended the session does not rate again."""
    pair = (Labelled("Q", "1"),)
    ended = session.end(going(), START, rep_ratings=pair)

    assert code_of(partial(session.rate_as_rep, ended, pair, START)) == "OutOfTurn"
    assert session.rate(ended, pair, START).customer_ratings == pair


def test_a_recording_has_no_survey_in_it() -> None:
    """REC-1, PORTAL-5: a survey comes later, and changes no file."""
    ended = session.end(going(), START, resolution="Resolved")
    rated = session.rate(ended, (Labelled("Q", "1"),), START + SECOND)

    assert rated != ended
    assert session.as_recorded(rated).events == ended.events
    assert session.as_recorded(rated).customer_ratings == ()
    assert session.as_recorded(ended) == ended
