"""Programs of a few lines, run by several processes that begin at one moment."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

_BEGIN: Final = re.compile(r"^( *)# begin$", re.MULTILINE)
_GATE: Final = r'\1import sys; print("ready", flush=True); sys.stdin.readline()'


def side_by_side(*programs: str, arguments: Sequence[str] = (), seconds: float = 60) -> list[str]:
    """Run each program in a process of its own; give what each printed.

    Args:
        programs: at their line `# begin` all wait for each other.
        arguments: for every program.
        seconds: how long the slowest may take.
    """
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _BEGIN.sub(_GATE, program), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for program in programs
    ]
    try:
        ready = [process.stdout.readline() for process in processes if process.stdout]
        for process in processes:
            if process.stdin is not None:
                process.stdin.write("go\n")
                process.stdin.flush()
        said = [process.communicate(timeout=seconds) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    problems = [problem for _, problem in said if problem]
    assert not problems, "\n".join(problems)
    assert ready == ["ready\n"] * len(programs)
    assert [process.returncode for process in processes] == [0] * len(programs)
    return [printed for printed, _ in said]
