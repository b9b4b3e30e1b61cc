"""docs/desktop.md: its example runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

_CHECKOUT: Final = Path(__file__).parents[2]


def test_the_example_of_a_day_runs_as_it_stands(tmp_path: Path) -> None:
    """AGENT-1, MON-1, MON-2: available, alerted, accepted, ended; the others still wait."""
    page = (_CHECKOUT / "docs/desktop.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    file = tmp_path / "example.py"
    file.write_text(example, encoding="utf-8")

    said = subprocess.run(
        [sys.executable, file], cwd=_CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert len(said) == 4
    assert said[0].count("@") == 1
    assert set(re.findall(r"\((.*?)\)", said[1])) == {"'RequestWaiting', 'Help?'"}
    assert said[2] == "['Accepted', 'Started', 'Chat', 'Ended']"
    assert said[3] == "3 still wait"
