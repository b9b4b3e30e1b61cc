"""Reports: the block of a failure, JUnit, JSON, the curl script, and what `replay` reads."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from conformance.bench import RIGHT, WRONG
from conformance.client import record
from conformance.history import FORMAT, Break, History, Step
from conformance.patterns import fault, told
from conformance.replay import BadRecord, read_record
from conformance.report import json as as_json
from conformance.report import junit, page, shell
from conformance.report.story import clock, lines
from conformance.report.terminal import Report, closing
from conformance.report.whole import bounded, whole
from conformance.rulebook import rules
from conformance.run import Run
from conformance.target import Description, Target, reached
from conformance.tests.small_broker import TOKEN, small_broker
from conformance.verdict import Result, Verdict

START = datetime(2030, 1, 1, tzinfo=UTC)
USER = "user-tag-2"


def _step(number: int, seconds: int, outcome: dict[str, Any], password: str = WRONG) -> Step:
    arguments = {"name": "logon", "username": USER, "password": password}
    return Step(number, timedelta(seconds=seconds), "call", arguments, outcome)


WRONG_ONE: dict[str, Any] = {"fault": "InvalidCredentials", "message": "No.", "fields": {}}
LOCKED: dict[str, Any] = {"fault": "LockedOut", "message": "No.", "fields": {"seconds_left": 240}}


@pytest.fixture
def broken() -> Break:
    portal = {"name": "portal-tag-1", "username": USER, "password": RIGHT, "subPortals": ["A"]}
    made = {"method": "POST", "path": ["portals"], "body": portal}
    steps = [
        Step(1, timedelta(0), "control", made, {"status": 200, "name": "portal-tag-1"}),
        *(_step(n, 0, WRONG_ONE) for n in (2, 3, 4)),
        Step(5, timedelta(0), "advance", {"to": START + timedelta(seconds=240)}, {"gives": START}),
        _step(6, 240, LOCKED, RIGHT),
    ]
    history = History(START, steps, {"portal-1": "portal-tag-1", "user-1": USER})
    allowed = (fault("LockedOut", seconds_left=60),)
    return Break("LOGON-5", history, allowed, "Fault LockedOut seconds_left=60", "Fault LockedOut")


@pytest.fixture
def run(broken: Break) -> Run:
    failed = Verdict(
        rules()["LOGON-5"],
        Result.FAIL,
        cases={"a": 1},
        broken=broken,
        reproduced=(3, 3),
        longest=31,
        title="the lock ends when it would have",
        place="conformance/broker/lockouts.py:58 attempts",
        like=("attempts-extend-a-lock",),
    )
    others = (
        Verdict(rules()["LOGON-1"], Result.PASS, cases={"x": 4}),
        Verdict(rules()["RET-1"], Result.NOT_TESTABLE, why=("no clock",)),
        Verdict(rules()["SEC-1"], Result.XFAIL, why=("ticket 7",)),
        Verdict(rules()["SESS-1"], Result.HARNESS_ERROR, why=("Traceback \x01 ...",)),
    )
    verdicts = (failed, *others)
    return Run(
        *("http://b.example", "full", 7, 20, "abc", "0.1"),
        clock=True,
        seconds=1.5,
        verdicts=verdicts,
        how="http://b.example --control http://c.example --token TOKEN",
    )


def test_equal_steps_are_one_line(broken: Break) -> None:
    told = lines(broken)

    assert [line.what for line in told] == [
        "POST portals portal-1, user-1",
        "logon(user-1, wrong) x3",
        "clock +240 s",
        "logon(user-1, right)",
    ]
    assert (told[-1].at, told[-1].came) == ("04:00", "Fault LockedOut seconds_left=240")


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (timedelta(0), "00:00"),
        (timedelta(minutes=5, milliseconds=-1), "04:59.999"),
        (timedelta(hours=1), "1:00:00"),
        (timedelta(days=90, milliseconds=1), "90 d 0:00:00.001"),
        (timedelta(seconds=-61), "-01:01"),
    ],
)
def test_virtual_time_is_told_to_the_millisecond(at: timedelta, told: str) -> None:
    assert clock(at) == told


def _shown(run: Run, folder: Path | None = None) -> str:
    stream = io.StringIO()
    Report(stream, width=200).show(run, folder)
    return stream.getvalue()


def test_a_failure_quotes_the_clause_and_says_how_to_reproduce(run: Run) -> None:
    text = _shown(run, Path("rep"))

    assert "LOGON-5 MUST  the lock ends when it would have" in text
    assert f'contract  "{rules()["LOGON-5"].sentence}"' in text
    assert "expected  Fault LockedOut seconds_left=60" in text
    assert "smallest history (31 -> 6 steps, 3/3 reproduced)" in text
    assert "attempts-extend-a-lock" in text
    assert f"replay rep/LOGON-5.json {run.how}\n" in text
    assert "TOKEN=... sh rep/LOGON-5.sh\n" in text
    assert text.rstrip().endswith("exit 5")


def test_a_report_without_colour_has_no_escapes(run: Run) -> None:
    assert "\x1b" not in _shown(run)


def test_the_closing_line_counts_every_result(run: Run) -> None:
    assert closing(run).startswith("NO VERDICT")
    conformant = replace(run, verdicts=run.verdicts[1:2])
    assert closing(conformant) == "CONFORMANT: 1 passed        exit 0"


def test_who_gives_a_url_alone_is_told_how_to_have_more_judged(run: Run) -> None:
    """Once, before the verdict, and only if it is of use."""
    nothing = replace(run, verdicts=run.verdicts[2:3], clock=False)
    whole = replace(nothing, verdicts=run.verdicts[1:2])

    assert _shown(nothing).count("docs/conformance.md") == 1
    assert _shown(nothing).splitlines()[-1].startswith("INCOMPLETE")
    assert "docs/conformance.md" not in _shown(replace(nothing, clock=True)) + _shown(whole)


def test_junit_has_a_case_per_rule(run: Run) -> None:
    suite = etree.fromstring(junit.written(run)).find("testsuite")
    assert suite is not None
    counted = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]

    assert counted == ["5", "1", "1", "2"]
    failure = suite.find("testcase[@name='LOGON-5']/failure")
    assert failure is not None
    assert "logon(user-1, wrong) x3" in (failure.text or "")


def test_json_has_a_schema_and_the_history(run: Run, tmp_path: Path) -> None:
    told = json.loads(as_json.written(run))

    assert told["schema"] == "broker-conformance-report/1"
    assert (told["exit"], told["seed"], told["counts"]["FAIL"]) == (5, 7, 1)
    row = told["rules"][0]
    assert row["broken"]["steps"][1]["arguments"]["username"] == {"$new": "user-1"}
    path = tmp_path / "LOGON-5.json"
    path.write_text(as_json.record(run.verdicts[0]), encoding="utf-8")
    assert read_record(path)["broken"]["step"] == 6


def test_the_page_is_one_file_that_tells_all(run: Run) -> None:
    """Every rule has a row, every failure a card; nothing is loaded from anywhere."""
    text = page.written(run)
    root = etree.fromstring(text.encode(), etree.HTMLParser())
    cards = [section.get("id") for section in root.iter("section") if section.get("id")]
    *_, table = root.iter("table")
    rows = [str(row.xpath("string(td[1]//b)")) for row in table.iterfind("tbody/tr")]

    assert cards == ["LOGON-5"]
    assert rows == [verdict.rule.id for verdict in run.verdicts]
    assert "Fault LockedOut seconds_left=60" in text
    assert root.xpath("//script|//link|//img|//*[@src]") == []
    assert not re.search(r"https?://(?![bc]\.example)", text)
    assert "contract <b>0.1</b> (abc)" in text
    assert f"replay LOGON-5.json {run.how}\n" in text
    assert "TOKEN=... sh LOGON-5.sh" in text


def test_dark_colours_are_for_screens(run: Run) -> None:
    """Who likes it dark once printed white words on white paper."""
    style = page.written(run).partition("<style>")[2].partition("</style>")[0]

    assert re.findall(r"@media ([^{]*)prefers-color-scheme: dark", style) == ["screen and ("]


def test_the_page_of_a_client_speaks_of_clients(run: Run) -> None:
    """It once told how many wrong brokers are caught, and of none by any rule of a client."""
    failed = replace(run.verdicts[0], rule=rules()["C-LOCK-1"], like=("forgets-refusals",))
    text = page.written(replace(run, kind="client", verdicts=(failed,)))

    assert "known-bad clients caught, each under 5 seeds" in text
    assert "(known-bad clients, each wrong in this one way)" in text
    assert re.search(
        "It does not remember a refusal over a restart. <[^>]*>forgets-refusals<", text
    )
    assert re.search(r'class="count power">[1-9]', text)
    assert "20 cases" in text


def test_no_report_tells_a_key_or_what_opens_a_connection(run: Run, broken: Break) -> None:
    """REC-7: a lent portal's default key, a lent password that is said back, a connection."""
    key = Step(6, timedelta(0), "call", {"name": "getDefaultKey"}, {"gives": {"key": "c2VjcmV0"}})
    logon = Step(7, timedelta(0), "call", {"name": "logon"}, {"gives": "connection-77"})
    history = History(START, [*broken.history.steps[:5], key, logon], {"password-1": "hush-hush"})
    last = replace(broken, history=history, received="gives 'connection-77', hush-hush")
    verdicts = (replace(run.verdicts[0], broken=last),)
    told = replace(run, verdicts=verdicts)
    texts = [_shown(told), as_json.written(told), as_json.record(verdicts[0])]
    texts += [page.written(told), junit.written(told).decode()]
    with _small_target() as target:
        texts.append(shell.script(last, target, "s"))

    for text in texts:
        assert not [secret for secret in ("c2VjcmV0", "connection-77", "hush") if secret in text]


def test_a_rule_s_id_and_its_sentence_are_two_words(run: Run) -> None:
    """Rendered, they stood together as `LOGON-3three failed logons`."""
    text = page.written(run)

    assert re.search(r"</b>(</a>)?\s+<span", text)
    assert not re.search(r"</b>(</a>)?<span", text)


def test_the_page_escapes_what_a_target_says_and_strikes_out_secrets(run: Run) -> None:
    """SEC-2 in small, REC-7: a broker's answer is no markup here, and no key is told."""
    (failed, *_) = run.verdicts
    assert failed.broken is not None
    last = failed.broken.history.steps[-1]
    sent = b"<v1:password>hush</v1:password><connectionId a='1'>whispered</connectionId>"
    wired = replace(last, sent=sent, received=b"<script>alert(1)</script><key>c2VjcmV0</key>")
    history = failed.broken.history.copy()
    history.steps[-1] = wired
    broken = replace(failed.broken, history=history, received="<img src=x>")
    text = page.written(replace(run, verdicts=(replace(failed, broken=broken),)))

    assert "<script>" not in text
    assert "<img" not in text
    assert "&lt;img src=x&gt;" in text
    assert not any(secret in text for secret in ("hush", "whispered", "c2VjcmV0"))


def _with_received(run: Run, outcome: dict[str, Any], connection: str = "") -> Verdict:
    """Give the failure of a run with another last outcome, cut in its short line."""
    (failed, *_) = run.verdicts
    assert failed.broken is not None
    history = failed.broken.history.copy()
    history.steps[1] = replace(history.steps[1], outcome={"gives": connection})
    history.steps[-1] = replace(history.steps[-1], outcome=outcome)
    broken = replace(failed.broken, history=history, received=told(outcome))
    return replace(failed, broken=broken)


def test_what_a_short_line_cuts_is_there_in_a_folded_part(run: Run) -> None:
    """The last of many items is told, on the page only."""
    items = [f"item-{number}" for number in range(60)]
    long = _with_received(run, {"gives": items})
    text = page.written(replace(run, verdicts=(long,)))
    root = etree.fromstring(text.encode(), etree.HTMLParser())
    folded = root.xpath("string(//details[not(@open)]/pre)")

    assert long.broken is not None
    assert "item-59" not in long.broken.received
    assert str(folded).endswith("'item-59']")
    assert "All that was received" in text


def test_what_is_whole_in_its_short_line_is_not_told_twice(run: Run) -> None:
    assert "All that was" not in page.written(run)


def test_a_very_long_answer_is_bounded_and_says_how_much_is_left_out(run: Run) -> None:
    """20,000 characters are shown."""
    long = _with_received(run, {"gives": ["x" * 20_000, "y" * 5_000]})
    text = page.written(replace(run, verdicts=(long,)))

    assert "[5,014 characters more are left out here]" in text
    assert "y" * 100 not in text
    assert bounded("x" * 7, 7) == "x" * 7
    assert bounded("x" * 8, 7) == "x" * 7 + "\n[1 characters more are left out here]"


def test_the_folded_part_tells_no_secret(run: Run) -> None:
    """REC-7: keys, passwords and ids of connections are struck out."""
    given = {"key": b"hush", "password": "hushed", "n": [{"wrapped_key": "hushing"}], "z": b"12"}
    outcome = {"gives": {**given, "who": "connection-77", "pad": "p" * 200, "tried": RIGHT}}
    long = _with_received(run, outcome, connection="connection-77")
    text = page.written(replace(run, verdicts=(long,)))

    assert long.broken is not None
    assert "All that was received" in text
    assert "2 bytes" in text
    told_whole = whole(long.broken)["received"]
    assert not any(each in told_whole for each in ("hush", "connection-77", RIGHT))
    assert "connection-77" not in text


_STEP: dict[str, Any] = {"number": 1, "verb": "call", "arguments": {"name": "logon"}}
_BROKEN: dict[str, Any] = {"allowed": [], "expected": "x"}


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"names": 5},
        {"steps": [{**_STEP, "verb": "frobnicate"}]},
        {"steps": [{**_STEP, "arguments": []}]},
        {"steps": [{**_STEP, "arguments": {"name": {"$frob": 1}}}]},
        {"broken": {**_BROKEN, "allowed": [{"$Frob": {}}]}},
        {"broken": {"allowed": []}},
    ],
)
def test_a_history_that_was_changed_is_refused(parts: dict[str, Any], tmp_path: Path) -> None:
    """It is no fault of the suite's, and no trace is shown."""
    whole = {"rule": "CONN-1", "names": [], "steps": [_STEP], "broken": _BROKEN}
    path, client = tmp_path / "x.json", tmp_path / "y.json"
    about = {**whole, **parts} if parts else {}
    path.write_text(json.dumps({"format": FORMAT, **about}), encoding="utf-8")
    client.write_text(json.dumps({"format": record.FORMAT, **about}), encoding="utf-8")

    with pytest.raises(BadRecord, match="was changed, or is of another version"):
        read_record(path)
    with pytest.raises(BadRecord, match="was changed, or is of another version"):
        record.again(client)


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other"}'])
def test_a_file_that_is_no_history_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(BadRecord):
        read_record(path)


@contextmanager
def _small_target() -> Iterator[Target]:
    with small_broker() as url, reached(Description(url, control=url, token=TOKEN)) as target:
        yield target


def test_the_script_has_one_command_per_step(broken: Break) -> None:
    with _small_target() as target:
        text = shell.script(broken, target, rules()["LOGON-5"].sentence)

    assert text.startswith("#!/bin/sh\n# LOGON-5")
    assert text.count("\nsoap ") == 4
    assert text.count("\nask ") == 3
    assert "user-1-$tag" in text
    assert '"to": "2030-01-01T00:04:00.000Z"' in text


def test_what_a_shell_would_expand_is_quoted(broken: Break) -> None:
    posted = {"act": "post", "portal": "portal-tag-1", "question": "`id` $HOME \\"}
    act = {"method": "POST", "path": ["acts"], "body": posted}
    history = broken.history.copy()
    history.steps.append(Step(7, timedelta(0), "control", act, {"status": 200}))
    with _small_target() as target:
        text = shell.script(replace(broken, history=history), target, "s")

    assert r"\`id\` \$HOME \\" in text
