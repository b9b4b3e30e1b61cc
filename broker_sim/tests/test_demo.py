"""bin/demo as a person runs it: pages open, logins by one click, Ctrl-C ends all of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
import requests

from broker_sim.tests.browser import Browser
from broker_sim.tests.served import until

pytestmark = pytest.mark.slow

_CHECKOUT: Final = Path(__file__).parents[2]
_NAMES: Final = ("customer", "representative", "manager", "simulator")
# A browser that tells what it is to show. webbrowser takes it as the browser of this machine.
_BROWSER: Final = '#!/bin/sh\necho "$1" >> "$0.opened"\n'


@contextmanager
def demo(folder: Path, sessions: int = 5) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Run the demo and its pages' browser; give it, and the file of addresses that were opened."""
    browser = folder / "browser"
    browser.write_text(_BROWSER, encoding="utf-8")
    browser.chmod(0o755)
    given = {**os.environ, "BROWSER": f"{browser} %s"}  # noqa: TID251  the demo's, with a browser
    command = [sys.executable, str(_CHECKOUT / "bin/demo.py"), "--open"]
    with subprocess.Popen(
        [*command, "--folder", str(folder / "demo"), "--sessions", str(sessions)],
        env=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process, browser.with_name("browser.opened")
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=60)
            finally:
                process.kill()  # one that ended by itself takes no harm


def pages(process: subprocess.Popen[str]) -> dict[str, str]:
    """Read what the demo prints until all of its pages are named."""
    assert process.stdout is not None
    found: dict[str, str] = {}
    for line in process.stdout:
        name, _, url = line.strip().partition(" ")
        if name in _NAMES:
            found[name] = url.strip()
        if len(found) == len(_NAMES):
            break
    return found


def test_a_demo_that_is_told_to_end_while_it_fetches_leaves_no_client(tmp_path: Path) -> None:
    """C-CONN-1: told alone, as by a service manager; Ctrl-C tells all that are on a terminal."""
    with demo(tmp_path, sessions=400) as (process, _):
        assert process.stdout is not None
        assert any(line.startswith("Fetching") for line in process.stdout)
        # its client is in the middle: some sessions are stored, and not all
        assert until(lambda: any((tmp_path / "demo/client/Sessions").glob("*/*.zip")))

    assert process.returncode == 0


def test_a_demo_opens_its_pages_and_ends_when_told(tmp_path: Path) -> None:
    """PORTAL-1: each page is there, is opened in the browser, and needs no password."""
    with demo(tmp_path) as (process, opened):
        shown = pages(process)
        assert set(shown) == set(_NAMES)
        assert Browser().get(shown["customer"]).page.forms
        for name, takes in (("representative", "Take requests"), ("manager", "Dashboard")):
            there = Browser().get(shown[name])
            people = [b.text_content().strip() for b in there.page.xpath("//form//button")]
            assert len(people) > 3, there.text
            assert takes in there.send(people[-1]).text
        desks = Browser().get(shown["representative"]).page.xpath("//*[@class='demo-logins']")[0]
        queues = Browser().get(shown["customer"]).page.xpath("//*[@name='SubPortal']/option")
        assert len(queues) > 1
        assert all(queue.text_content() in desks.text_content() for queue in queues)
        simulator = requests.get(shown["simulator"], timeout=10)
        assert simulator.status_code == 200
        # nobody opens a page before the one in front of it: the last one is the end of them
        assert opened.read_text(encoding="utf-8").splitlines()[:3] == list(shown.values())[:3]

    # the client, which was fetching or not, has ended, too: it held the demo's output open
    assert process.returncode == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(shown["customer"], timeout=5)
