"""A bench that cannot fail would prove nothing: its arithmetic and its exit code."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.__main__ import main
from bench.finding import Bench, Finding, interleaved, ratio

costs = st.lists(st.floats(0.001, 1000.0), min_size=1, max_size=20)


def _bench(name: str, *findings: Finding) -> Bench:
    return Bench(name, f"Title of {name}", "How it was done.\n", lambda _full: findings)


GOOD = _bench("good", Finding("a thing at its bound", 1.2, "times", 1.2))
BAD = _bench("bad", Finding("a thing beyond its bound", 1.21, "times", 1.2))
TOLD = _bench("told", Finding("a thing without a bound", 1e9, "us"))


@pytest.mark.parametrize(
    ("known", "code"), [([GOOD], 0), ([TOLD], 0), ([GOOD, TOLD], 0), ([GOOD, BAD, TOLD], 1)]
)
def test_one_missed_bound_fails_the_command(
    known: Sequence[Bench], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A value at its bound is good; one beyond it is named, and the exit code is 1."""
    assert code == main([], known)
    assert ("MISSED" in capsys.readouterr().out) == bool(code)


def test_only_one_bench_is_run_where_one_is_named() -> None:
    """What is not asked for is neither measured nor judged."""
    assert main(["--only", "good"], [GOOD, BAD]) == 0


def test_the_page_is_written_of_all_benches_or_not_at_all() -> None:
    """Half a page would pass for a whole one."""
    with pytest.raises(SystemExit):
        main(["--only", "good", "--write"], [GOOD, BAD])


def test_the_page_and_the_file_tell_what_was_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed stands in the manual as failed."""
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)

    main(["--write", "--json", "all.json"], [GOOD, BAD])

    page = Path("docs/performance.md").read_text("utf-8")
    assert "| a thing at its bound | 1.20 times | 1.2 times |" in page
    assert "| a thing beyond its bound | 1.21 times (missed) | 1.2 times |" in page
    told = json.loads(Path("all.json").read_text("utf-8"))["benches"]
    assert [told["good"][0]["holds"], told["bad"][0]["holds"]] == [True, False]


@given(floor=costs, factor=st.floats(0.1, 10.0), data=st.data())
def test_a_slow_moment_changes_no_ratio(
    floor: list[float], factor: float, data: st.DataObject
) -> None:
    """Whatever slows both sides of a round alike, the ratio is the same."""
    slow = data.draw(st.lists(st.floats(1.0, 50.0), min_size=len(floor), max_size=len(floor)))

    ours = [cost * factor * times for cost, times in zip(floor, slow, strict=True)]
    theirs = [cost * times for cost, times in zip(floor, slow, strict=True)]

    assert ratio(ours, theirs) == pytest.approx(factor)


def test_subjects_take_turns_and_the_first_turn_does_not_count() -> None:
    """What is measured side by side is compared side by side."""
    order: list[str] = []

    def subject(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = interleaved(2, lambda: subject("a"), lambda: subject("b"))

    assert order == ["a", "b"] * 3
    assert found == [[3.0, 5.0], [4.0, 6.0]]
