"""The benches of peers and of memory can miss their bounds, and say what is not there."""

from datetime import timedelta
from pathlib import Path

import pytest

from bench import memory
from bench.__main__ import main
from bench.caller import envelope
from bench.finding import Bench, Missing
from bench.peers import answers, place
from bench.worlds import opened
from broker_sim.core import retention


def test_memory_that_grows_is_missed() -> None:
    """Ten megabytes more at the end than at the beginning are no flat line."""
    level = [100.0] * 50
    grown, *_ = memory._findings(60, [*level, *(100.0 + step / 5 for step in range(50))], 1, 0)
    steady, *_ = memory._findings(60, level, 1, 0)

    assert not grown.holds
    assert steady.holds


def test_one_wrong_answer_is_missed() -> None:
    """Of however many."""
    _, _, wrong, _ = memory._findings(60, [1.0], 100_000, 1)

    assert not wrong.holds


def test_no_answer_becomes_another_by_time_alone(tmp_path: Path) -> None:
    """Ten minutes of load once ended in an update that was past its retention."""
    memory._prepare(tmp_path)
    with opened(tmp_path, 0, for_tests=False) as desk, desk.broker.world.store.reading() as tx:
        later = desk.broker.world.clock.now() + timedelta(hours=1)

        assert tx.count_sessions() == memory._SESSIONS
        assert tx.doomed(retention.edge(later), 1) == []


def test_what_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A bench whose peer is not installed ends the run with a sentence and exit code 1."""

    def run(_full: bool) -> list[object]:
        place.program("no-such-program-anywhere", "the package of that name")
        return []

    with pytest.raises(SystemExit) as ended:
        main([], [Bench("lacking", "A title", "How.", run)])  # type: ignore[arg-type]  # it never gives anything

    assert "no-such-program-anywhere is not there; install the package" in str(ended.value)


def test_an_installation_that_fails_leaves_nothing_that_passes_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run tries again."""
    monkeypatch.setattr(place, "_CACHE", tmp_path / "cache")

    def fail(at: Path) -> None:
        (at / "half").touch()
        raise Missing("no network")

    with pytest.raises(Missing):
        place._filled(["moto.txt"], fail)

    made = place._filled(["moto.txt"], lambda at: (at / "whole").touch())
    assert sorted(path.name for path in made.iterdir()) == ["moto.txt", "whole"]


def test_answers_are_compared_by_names_and_values() -> None:
    """Two ways to write one instant are the same; another text is not."""
    one = envelope("updates", time="2030-01-15T09:00:00.120Z", kind="Posted", url="https://a")
    same = envelope("updates", time="2030-01-15T09:00:00.120000+00:00", kind="Posted", url="b")
    other = envelope("updates", time="2030-01-15T09:00:00.121Z", kind="Posted", url="https://a")

    assert answers.infoset(one) == answers.infoset(same)
    assert answers.infoset(one) != answers.infoset(other)
