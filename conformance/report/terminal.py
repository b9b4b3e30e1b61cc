"""What a run looks like in a terminal, and in a log without colours."""

import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from conformance.report.again import replayed, scripted
from conformance.report.story import lines
from conformance.report.whole import struck
from conformance.run import Run
from conformance.verdict import Exit, Result, Verdict

_STYLES: Final = {
    Result.PASS: "green",
    Result.FAIL: "bold red",
    Result.WARN: "yellow",
    Result.NOT_TESTABLE: "yellow",
    Result.NOT_APPLICABLE: "dim",
    Result.XFAIL: "yellow",
    Result.XPASS: "bold red",
    Result.HARNESS_ERROR: "bold magenta",
}
_MARKS: Final = {Result.PASS: "✓", Result.FAIL: "✗", Result.XPASS: "✗", Result.HARNESS_ERROR: "!"}
_PLAIN: Final = {"✓": "+", "✗": "x"}
_VERDICTS: Final = {
    Exit.CONFORMANT: "CONFORMANT",
    Exit.NOT_CONFORMANT: "NOT CONFORMANT",
    Exit.INCOMPLETE: "INCOMPLETE",
    Exit.UNREACHABLE: "INCOMPLETE, the target went away",
    Exit.OWN_FAULT: "NO VERDICT: the suite itself failed",
}
_MORE: Final = (
    "More can be judged: of a target with the control API, by --control URL --token TOKEN; of any "
    'other by what a target.toml lends, for --target: docs/conformance.md, "Describing a target"'
)
_TOLD: Final = {
    Result.FAIL: "MUST failed",
    Result.WARN: "SHOULD failed",
    Result.PASS: "passed",
    Result.XFAIL: "expected",
    Result.XPASS: "stale in the baseline",
    Result.NOT_TESTABLE: "not testable",
    Result.NOT_APPLICABLE: "not applicable",
    Result.HARNESS_ERROR: "errors of the suite",
}


class _Paper(Console):
    """A console whose reader may go, as `head` does; the verdict and its exit code stay."""

    def on_broken_pipe(self) -> None:
        """Say the rest to nobody."""
        self.quiet = True
        _forget(self.file)


def _forget(stream: IO[str]) -> None:
    """Let what is still to be written to a stream go nowhere, its buffer included."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class Reporter:
    """Shows progress while a run goes on: a bar in a terminal, else a line per property."""

    def __init__(self, total: int, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._console = _Paper(file=stream or sys.stderr, highlight=False)
        self._total = total
        self._quiet = quiet
        self._done = 0
        self._bar = Progress(
            TextColumn("judging"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=total)
        self._live = self._console.is_terminal and not quiet

    def __enter__(self) -> "Reporter":
        if self._live:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._bar.stop()

    def begins(self, name: str, judged: Sequence[str]) -> None:
        """Show which property is tried."""
        del judged
        self._bar.update(self._task, description=name.replace("_", " "))

    def waits(self, seconds: float) -> None:
        """Show that real time has to pass."""
        told = f"waits {seconds:g} s, for the target's clock cannot be moved"
        self._bar.update(self._task, description=told)
        if not self._live and not self._quiet:
            self._console.print(f"        {told}", soft_wrap=True, markup=False)

    def shrinks(self, name: str, most: int) -> None:
        """Show that a failed case is tried again, of a smaller size."""
        told = f"{name.replace('_', ' ')} again, of size {most}"
        self._bar.update(self._task, description=told)
        if not self._live and not self._quiet:
            self._console.print(f"        {told}", soft_wrap=True, markup=False)

    def ends(self, name: str, seconds: float, broken: str | None) -> None:
        """Show that it has been tried."""
        self._done += 1
        self._bar.advance(self._task)
        if not self._live and not self._quiet:
            found = f"  BROKEN {broken}" if broken else ""
            words = name.replace("_", " ")
            line = f"{self._done:3}/{self._total} {words:<52} {seconds:5.1f} s{found}"
            self._console.print(line, soft_wrap=True, markup=False)


class Report:
    """Prints a finished run."""

    def __init__(self, stream: TextIO | None = None, width: int | None = None) -> None:
        stream = stream or sys.stdout
        self._console = _Paper(file=stream, highlight=False, width=width)
        encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
        self._fancy = encoding.replace("-", "").startswith("utf")
        self._arrow = "←" if self._fancy else "<-"

    def show(self, run: Run, folder: Path | None) -> None:
        """Print head, one line per rule, a block per failure, and the verdict."""
        self._line(run.head)
        self._line("")
        for verdict in run.verdicts:
            self._rule(verdict)
        for verdict in run.verdicts:
            if verdict.broken is not None:
                self._failure(run, verdict, folder)
            elif verdict.result is Result.HARNESS_ERROR:
                self._line(f"\n{verdict.rule.id}: the suite itself failed", "bold magenta")
                self._line(verdict.why[0].rstrip())
        self._line("")
        if run.kind == "broker" and not run.clock and _some_not_testable(run):
            self._line(_MORE)
        self._line(closing(run), "bold green" if run.exit is Exit.CONFORMANT else "bold red")

    def _rule(self, verdict: Verdict) -> None:
        mark = _MARKS.get(verdict.result, "-")
        mark = mark if self._fancy else _PLAIN.get(mark, mark)
        head = f"{mark} {verdict.rule.id:<8} {verdict.result.value:<14}"
        line = Text(head, style=_STYLES[verdict.result])
        cases = f"{verdict.total:5} cases  " if verdict.total else " " * 13
        # The error of the suite is told at length below; its trace is no reason.
        why = "" if verdict.result is Result.HARNESS_ERROR else "; ".join(verdict.why)
        line.append(cases, style="default")
        line.append(_cut(why or _clause(verdict, 76), 200), style="dim")
        self._console.print(line, soft_wrap=True)

    def _failure(self, run: Run, verdict: Verdict, folder: Path | None) -> None:
        broken = verdict.broken
        assert broken is not None
        rule = verdict.rule
        mark = "✗" if self._fancy else "x"
        self._line(f"\n{mark} {rule.id} {rule.level}  {verdict.title}", "bold red")
        self._line(f'  contract  "{_clause(verdict, 1000)}"')
        self._line(f"  expected  {broken.expected}", "green")
        self._line(f"  received  {struck(broken.received, broken)}", "red")
        self._line(f"  smallest history ({_shrunk(verdict)})")
        told = lines(broken)
        wide = max((len(line.what) for line in told), default=0)
        late = max((len(line.at) for line in told), default=0)
        for line in told:
            arrow = f"  {self._arrow} here" if line is told[-1] else ""
            row = f"  {line.number:3} {line.at:>{late}} {line.what:<{wide}}  {line.came}{arrow}"
            self._line(row.rstrip())
        if verdict.like:
            self._line(f"  compare   the known-bad {run.kind}s {_some(verdict.like)}")
        self._line(f"  property  {verdict.place}")
        for number, command in enumerate(_reproduced(run, folder, verdict)):
            self._line(f"  {'' if number else 'reproduce':<9} {command}")

    def _line(self, text: str, style: str | None = None) -> None:
        self._console.print(Text(text, style=style or "default"), soft_wrap=True)


def _reproduced(run: Run, folder: Path | None, verdict: Verdict) -> tuple[str, ...]:
    """Say how to have a failure again, a command a line."""
    script = scripted(run, folder or Path(), verdict)
    if folder is None:
        return (f"with --report DIR: a history to replay{' and a script' if script else ''}",)
    again = replayed(run, folder, verdict.rule.id)
    return (again, script) if script else (again,)


def _some_not_testable(run: Run) -> bool:
    return any(verdict.result is Result.NOT_TESTABLE for verdict in run.verdicts)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _clause(verdict: Verdict, width: int) -> str:
    return _cut(" ".join(verdict.rule.sentence.split()), width)


def _cut(text: str, width: int) -> str:
    one = " ".join(text.split())
    return one if len(one) <= width else f"{one[: width - 4]} ..."


def _shrunk(verdict: Verdict) -> str:
    assert verdict.broken is not None
    count = len(verdict.broken.history.steps)
    text = f"{verdict.longest} -> {count} steps" if verdict.longest > count else f"{count} steps"
    if verdict.size is not None:
        text += f", of size {verdict.size}"
    if verdict.reproduced is not None:
        text += f", {verdict.reproduced[0]}/{verdict.reproduced[1]} reproduced"
    return text


def closing(run: Run) -> str:
    """Say the verdict in one line."""
    counts = Counter(verdict.result for verdict in run.verdicts)
    told = [f"{counts[result]} {word}" for result, word in _TOLD.items() if counts[result]]
    return (
        f"{_VERDICTS[run.exit]}: {'; '.join(told) or 'nothing judged'}        exit {run.exit.value}"
    )


def say(text: str) -> None:
    """Print a line to standard output; whether somebody still reads it or not."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _forget(sys.stdout)
