"""A client's failure: the smallest size that shows it, its record, its shell script."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from conformance.client.adapter import Start
from conformance.client.cases import CASES, Case
from conformance.client.diary import Diary
from conformance.client.pacing import Pace
from conformance.client.record import again, written
from conformance.client.runner import Plan, Tried, doors, smaller, try_one
from conformance.client.shell import script
from conformance.client.verdicts import verdicts
from conformance.control import instant
from conformance.history import Break, History
from conformance.mutants.clients import naive
from conformance.report.terminal import Reporter
from conformance.tests.test_reports import START
from conformance.verdict import Result

ABOUT: Final = {"rule": "C-ONCE-1", "sentence": "Once.", "case": "a_case", "seed": "5"}


def case_named(name: str) -> Case:
    (found,) = (each for each in CASES if each.name == name)
    return found


def test_a_failed_case_is_tried_in_smaller_sizes(tmp_path: Path) -> None:
    """C-ONCE-1: one session cannot show it, two do; the record keeps the size."""
    wrong, case = naive("dedups-by-start-time"), case_named("a_range_is_stored_once")
    with doors(5) as opened:
        pace, shown = Pace(), io.StringIO()
        go = partial(try_one, wrong, opened, 5, pace)
        first = go(case)
        less = smaller(go, first, pace, Reporter(1, shown))
        right = smaller(partial(try_one, naive(), opened, 5, pace), Tried(case), pace)

    told = "        a range is stored once again, of size"
    assert shown.getvalue() == f"{told} 1\n{told} 2\n"
    assert (first.largest, first.most) == (3, None)
    assert less.broken is not None
    assert less.broken.rule == "C-ONCE-1"
    assert (less.most, less.missing, right.most) == (2, None, None)
    (verdict,) = verdicts(("C-ONCE-1",), [less])
    assert (verdict.result, verdict.size) == (Result.FAIL, 2)
    path = tmp_path / "C-ONCE-1.json"
    path.write_text(written(verdict, wrong, Plan(("C-ONCE-1",), 5)), encoding="utf-8")
    assert json.loads(path.read_text())["size"] == 2
    rule, tried = again(path)
    assert (rule, tried.most) == ("C-ONCE-1", 2)
    assert tried.broken is not None


def test_no_smaller_size_is_begun_when_its_time_is_over() -> None:
    """The failure stays as it was found."""
    case = case_named("a_range_is_stored_once")
    failed = Tried(case, broken=a_break(), largest=3)

    def begun(case: Case, most: int | None = None, /) -> Tried:
        pytest.fail(f"{case.name} of size {most} was begun")

    assert smaller(begun, failed, Pace().limited(0.0)) is failed


def test_a_smaller_size_ends_when_the_time_of_all_is_over() -> None:
    """In its middle, whatever it waits for; so does every later one, and the run goes on."""
    pace, case = Pace(), case_named("a_range_is_stored_once")
    part = pace.limited(0.1)
    with doors(5) as opened:
        cut = try_one(naive("dedups-by-start-time"), opened, 5, part, case, 2)

    assert (cut.broken, cut.missing) == (None, "the run was stopped before")
    assert part.stopped
    assert not pace.stopped
    pace.stop()
    assert pace.limited(60.0).stopped


def test_a_ctrl_c_ends_the_looking_for_smaller_sizes() -> None:
    """Of the case at hand, and of all that would follow."""
    failed, pace = Tried(case_named("a_range_is_stored_once"), broken=a_break(), largest=3), Pace()

    def interrupted(case: Case, most: int | None = None, /) -> Tried:
        raise KeyboardInterrupt

    assert smaller(interrupted, failed, pace) is failed
    assert pace.stopped


def a_break() -> Break:
    return Break("C-ONCE-1", History(START), (), 'each "once"', "$none `at` all")


def doings() -> Diary:
    """Give a diary with all sorts of doings, and texts that a shell could stumble over."""
    diary = Diary(names={"http://b.example/w/w1": "$BASE/w/$W", "/tmp/case": "$dir"})
    diary.asked("POST", (), {"clock": "real"}, {"name": "w1"})
    portal = {"name": "sup", "password": "Hush-12-hush"}
    diary.asked("POST", ("portals",), portal, {})
    diary.asked("POST", ("acts",), {"act": "post", "question": '$HOME `x` \\ "'}, {"sessionId": 77})
    diary.asked("POST", ("faults",), {"match": {"sessionId": 77}, "times": 1}, {})
    diary.asked("PUT", ("clock",), {"now": START + timedelta(milliseconds=1)}, {})
    diary.asked("GET", ("faults",), None, {})
    files = {"my.ini": "url=http://b.example/w/w1\nword=Hush-12-hush\ncost=$5\n"}
    diary.emptied("archive2")
    command = ("echo", "it's", '"$HOME"', "/tmp/case/archive", "Hush-12-hush")
    diary.started(0, Start(command, {"WORD": "Hush-12-hush"}, files))
    diary.signalled(0, "KILL")
    diary.ended(0)
    return diary


def test_a_script_holds_no_secret_and_no_id_of_its_time() -> None:
    """C-KEY-1: passwords are made up anew, ids and places are the shell's."""
    text = script(a_break(), doings(), ABOUT, 2.0)

    assert text is not None
    assert not any(each in text for each in ("Hush-12-hush", "77", "w/w1", "/tmp/case"))
    assert '"sessionId": $S1' in text
    assert f'"now": "{instant(START + timedelta(milliseconds=1))}"' in text
    assert 'kill -KILL -"$P0"' in text
    assert "wait" not in text.partition("--- start 0")[2]
    assert "sleep 2.0" in text
    assert "GET" not in text.partition("PASSWORD_1=")[2].partition("expected")[0]


def test_a_script_says_to_the_shell_what_the_case_said(tmp_path: Path) -> None:
    """No text of a case is read as the shell's own signs."""
    text = script(a_break(), doings(), ABOUT, 0.0)
    assert text is not None
    told = text.replace("curl -sS", "false").replace("setsid env ", "env ")
    told = told.replace("W=again-$$", "W=w9").replace("ask() {", "ask() { cat >> asked; return; ")
    told = told.replace(' > "$dir/said-0.out" 2> "$dir/said-0.err" < /dev/null &', " > out &")
    told = told.replace("P0=$!", "P0=$!; wait")
    run = subprocess.run(
        ["sh", "-c", told.replace("rm -rf", 'cp "$dir/my.ini" .; rm -rf'), "sh", "B", "C"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    asked = (tmp_path / "asked").read_text()
    assert '"question": "$HOME `x` \\\\ \\""' in asked
    out = (tmp_path / "out").read_text()
    assert out.startswith('it\'s "$HOME" /')
    assert "Again-password" in out
    assert (tmp_path / "my.ini").read_text().startswith("url=B/w/w9\nword=Again-password")
    assert "cost=$5\n" in (tmp_path / "my.ini").read_text()
    assert 'expected  each "once"' in run.stdout
    assert "received  $none `at` all" in run.stdout


def test_a_line_of_a_file_ends_no_here_document(tmp_path: Path) -> None:
    """Whatever stands in an adapter's file, the client of the script reads the same."""
    diary = Diary()
    text = "a\nEOF\nEOF_\nb\n"
    diary.started(0, Start(("true",), {}, {"my.ini": text}))
    told = script(a_break(), diary, ABOUT, 0.0)
    assert told is not None
    written = told.partition("cat > ")[2].partition("\nsetsid")[0]
    subprocess.run(["sh", "-c", f"dir=. ; cat > {written}"], cwd=tmp_path, check=True)

    assert (tmp_path / "my.ini").read_text() == f"{text}\n"


@pytest.mark.parametrize("secret", ['Hush"12', "Hush-äü-12", "Hush\\12", "Hush\t12"])
def test_a_secret_that_json_writes_in_another_way_is_in_no_script(secret: str) -> None:
    """C-KEY-1: it is made up anew wherever it stands."""
    diary = Diary()
    diary.asked("POST", ("portals",), {"name": "sup", "password": secret}, {})
    diary.asked("POST", ("faults",), {"match": {"password": secret, "said": f"<{secret}>"}}, {})
    told = script(a_break(), diary, ABOUT, 0.0)
    assert told is not None

    assert "Hush" not in told
    assert told.count('"password": "${PASSWORD_1}"') == 2
    assert '"said": "<${PASSWORD_1}>"' in told


def test_a_script_ends_where_the_broker_refuses(tmp_path: Path) -> None:
    """What comes after would be another world; the status says why."""
    text = script(a_break(), doings(), ABOUT, 0.0)
    assert text is not None
    curl = tmp_path / "curl"
    curl.write_text("#!/bin/sh\nprintf 409\n")
    curl.chmod(0o755)
    run = subprocess.run(
        ["sh", "-c", text, "sh", "http://b.example", "http://c.example"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert run.returncode == 1
    assert run.stderr == "POST worlds was answered by 409: \n"
    assert "--- start" not in run.stdout


def test_folders_that_a_case_makes_or_empties_are_so_in_its_script() -> None:
    """C-STORE-2, C-MULTI-1: in the place where the case did it; all archives are shown."""
    text = script(a_break(), doings(), ABOUT, 0.0)
    assert text is not None
    done, _, shown = text.partition("--- start 0")

    assert done.endswith('rm -rf "$dir/archive2"\nmkdir "$dir/archive2"\n\necho \'')
    assert 'ls -1 "$dir"/archive*\n' in shown


def test_a_case_notes_the_folders_that_it_empties() -> None:
    """C-STORE-2: before each of its rounds, so that the script's client begins with nothing."""
    case = case_named("a_damaged_download_is_not_stored")
    with doors(5) as opened:
        tried = try_one(naive("accepts-truncated"), opened, 5, Pace(), case)

    assert tried.broken is not None
    assert tried.script is not None
    for name in ("archive", "state"):
        assert f'rm -rf "$dir/{name}"\nmkdir "$dir/{name}"\n' in tried.script


def test_what_a_script_cannot_do_has_none() -> None:
    """A proxy of the suite's, a certificate, a moved clock: `replay` does those."""
    diary = doings()
    diary.elsewhere.append("the calls go through a proxy of the suite")

    assert script(a_break(), diary, ABOUT, 0.0) is None


@pytest.mark.foreign
def test_a_script_starts_the_client_against_a_broker_of_its_own() -> None:
    """C-STORE-1: it shows what is stored, and the calls that were made for it."""
    case = case_named("the_archive_holds_the_files")
    with doors(5) as opened:
        tried = try_one(naive("own-names"), opened, 5, Pace(), case)
    assert tried.script is not None
    here = Path(sys.executable).parent
    run = subprocess.run(
        ["sh", "-c", tried.script],
        env={**os.environ, "PATH": f"{here}:{os.environ['PATH']}"},  # noqa: TID251  where broker-sim is
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.stderr == ""
    assert "--- 0 ended: 0" in run.stdout
    _, _, stored = run.stdout.partition("--- stored now\n")
    assert stored.startswith("Session_")
    assert run.stdout.endswith("logoff\n")
    assert "getSessionIds" in run.stdout
