"""Programs that do nothing pass nothing, from the command line and case by case."""

import sys

import pytest

from conformance.__main__ import main
from conformance.client import probing
from conformance.client.adapter import PLAIN, read
from conformance.client.cases import CASES
from conformance.client.pacing import Pace
from conformance.client.runner import doors, try_one
from conformance.verdict import Exit

_RUBBISH = "while True: print('Session_12012692.zip stored', flush=True)"
_HANGS = "import signal; signal.pause()"
NULLS = {
    "true": ("true",),
    "false": ("false",),
    "idles": (sys.executable, "-c", "import time; time.sleep(1)"),
    "hangs": (sys.executable, "-c", _HANGS),
    "prints-rubbish": (sys.executable, "-c", f"for _ in range(10000): {_RUBBISH[12:]}"),
}
QUICK = (
    "it_logs_off_when_it_stops",
    "the_archive_holds_the_files",
    "a_range_is_half_open",
    "no_half_filled_folder_has_a_final_name",
)


@pytest.mark.parametrize("name", ["true", "false", "prints-rubbish"])
def test_a_client_that_never_calls_is_out_of_reach(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 4, and what it did instead."""
    assert main(["client", "--quiet", "--", *NULLS[name]]) == Exit.UNREACHABLE
    assert "never called the broker" in capsys.readouterr().err


@pytest.mark.slow
def test_a_client_that_hangs_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for, and not for ever; here for a tenth of the time."""
    monkeypatch.setattr(probing, "_PROBE_SECONDS", probing._PROBE_SECONDS / 10)
    assert main(["client", "--quiet", "--", *NULLS["hangs"]]) == Exit.UNREACHABLE


@pytest.mark.parametrize("name", ["true", "false", "prints-rubbish", "idles"])
def test_no_case_counts_anything_for_a_client_that_does_nothing(name: str) -> None:
    """PASS needs evidence, whatever the exit code."""
    adapter = read(PLAIN, NULLS[name])
    with doors(7) as opened:
        for case in CASES:
            if case.name in QUICK:
                tried = try_one(adapter, opened, 7, Pace(), case)
                assert not tried.tally.counts, case.name
                assert tried.error is None, tried.error


@pytest.mark.slow
def test_no_case_at_all_passes_for_true() -> None:
    """Every case of every rule."""
    adapter = read(PLAIN, NULLS["true"])
    with doors(7, ("C-NET-1",)) as opened:
        for case in CASES:
            tried = try_one(adapter, opened, 7, Pace(), case)
            assert not tried.tally.counts, case.name
            assert tried.error is None, tried.error
