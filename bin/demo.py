"""Run the broker and the reference client side by side, and show how it goes.

Started by bin/demo. It knows both programs by their command lines only, as any user does.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import demo_screen
from rich.console import Console
from rich.live import Live

_SEED: Final = "7"
_LIVE_PER_HOUR: Final = "600"  # nights have half of it: the first one ends within a minute or two
_STOP_SECONDS: Final = 20.0
_HEARD_SECONDS: Final = 3.0
_GLANCE_SECONDS: Final = 1.0
_INTERRUPTED: Final = 130

Told = Mapping[str, Any]


class Failed(Exception):  # noqa: N818  the demo's own end, told to a person
    """Something did not work; the message says what, and where to look."""


@dataclass(frozen=True, slots=True)
class _Demo:
    """What was asked for, and where things lie."""

    folder: Path
    sessions: int

    @property
    def config(self) -> Path:
        """The client's settings."""
        return self.folder / "client" / "broker-client.toml"

    @property
    def archives(self) -> Path:
        """What the client brings home; a folder for each portal."""
        return self.folder / "client" / "Sessions"

    def log(self, program: str) -> Path:
        """Where a program tells what went wrong."""
        return self.folder / f"{program}.log"


def main() -> int:
    """Run the demo; give the exit code."""
    asked = _parser().parse_args()
    demo = _Demo(asked.folder.resolve(), asked.sessions)
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _broker(demo) as told:
            _configure(demo, told)
            console.print(f"The broker answers at [bold]{told['baseUrl']}[/]. Its pages:")
            for name, url in demo_screen.pages(told).items():
                console.print(f"  {name:<14}", demo_screen.linked(url), soft_wrap=True)
                if asked.open:
                    webbrowser.open(url)
            console.print("Fetching what it keeps of the last 90 days, portal by portal ...")
            if asked.once:
                # Live traffic goes on meanwhile: both steps look at what had ended by now.
                _client(demo, "fetch", "--to", told["startedAt"])
                return _verify(demo, told["startedAt"], console)
            _client(demo, "fetch")
            with ExitStack() as stack:
                clients = [stack.enter_context(_following(demo, p)) for p in told["logins"]]
                _watch(demo, told, clients, console)
    except Failed as problem:
        console.print(f"[bold red]The demo stopped:[/] {problem}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. Run bin/demo again to go on where it stands.")
        return _INTERRUPTED if asked.once else 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/demo",
        description="A simulated broker and the reference client, side by side.",
        epilog="example: bin/demo --once",
    )
    add = parser.add_argument
    add("--once", action="store_true", help="fetch everything, verify it, print the counts, end")
    add("--open", action="store_true", help="open the pages in your browser")
    add("--folder", type=Path, default=Path(".demo"), help="where all goes (default: %(default)s)")
    add("--sessions", type=int, default=400, help="of a new world (default: %(default)s)")
    return parser


@contextmanager
def _broker(demo: _Demo) -> Iterator[Told]:
    """Serve a broker for as long as the block lasts; give what its clients need to know."""
    home = demo.folder / "broker"
    home.mkdir(parents=True, exist_ok=True)
    options = ["--home", str(home), "--seed", _SEED, "--sessions", str(demo.sessions)]
    # The client would obey the limit of 10 calls a second; who watches is not made to wait.
    options += ["--live", _LIVE_PER_HOUR, "--no-rate"]
    # Over https a browser would begin with a warning: it does not know the demo's authority. On
    # the loopback address nobody listens in, and browsers give http all that https has there.
    options += ["--http", "--port", "8080", "--demo", "--control"]
    command = _python("broker_sim", "serve", *options, "--json")
    with _running(command, demo.log("broker"), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            msg = f"the broker did not start; see {demo.log('broker')}"
            raise Failed(msg)
        yield json.loads(line)


@contextmanager
def _following(demo: _Demo, portal: str) -> Iterator[subprocess.Popen[str]]:
    """Let a client follow a portal in real time for as long as the block lasts."""
    command = _python("integration", "run", "--config", str(demo.config), "--portal", portal)
    with _running(command, demo.log("client")) as process:
        yield process


@contextmanager
def _running(
    command: Sequence[str], log: Path, stdout: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a program for as long as the block lasts; what it says goes to `log`."""
    with log.open("a", encoding="utf-8") as said:
        process = subprocess.Popen(  # noqa: S603  our own program
            command,
            stdout=said if stdout is None else stdout,
            stderr=said,
            text=True,
            start_new_session=True,  # Ctrl-C is for the demo; it ends its programs in order
        )
        try:
            yield process
        finally:
            _stop(process)


def _heard(process: subprocess.Popen[bytes]) -> None:
    """End a client on this terminal: of Ctrl-C it has heard, of a signal to the demo it has not."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(_HEARD_SECONDS)
    _stop(process)


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _stop(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
    if process.poll() is None:
        process.kill()
        process.wait()


def _configure(demo: _Demo, told: Told) -> None:
    """Write the client's settings: every portal of the broker, passwords in 0600 files."""
    folder = demo.config.parent
    folder.mkdir(parents=True, exist_ok=True)
    lines = ['state = "state"']
    for portal, (login, *_) in told["logins"].items():
        _write_private(folder / f"{portal}.password", login["password"])
        settings = {
            "nickname": portal,
            "url": told["baseUrl"],
            "username": login["username"],
            "password_file": f"{portal}.password",
            "storage": f"{demo.archives.name}/{portal}",
            "database": "sqlite:///sessions.sqlite",
            "start_at": "all",
        }
        # a JSON string is a TOML string, too
        lines += ["", "[[portals]]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    demo.config.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(0o600, exist_ok=False)
    path.write_text(text, encoding="utf-8")


def _client(demo: _Demo, command: str, *more: str) -> None:
    """Run one command of the client on this terminal; it ends with the demo."""
    with subprocess.Popen(  # noqa: S603  our own program
        _python("integration", command, "--config", str(demo.config), *more)
    ) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            _heard(process)
            raise
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    if code:
        msg = f"`broker-client {command}` ended with {code}"
        raise Failed(msg)


def _verify(demo: _Demo, until: str, console: Console) -> int:
    """Compare what ended before `until` with the broker, then print the counts."""
    console.print("Verifying: ids, digests, every file unsealed and parsed ...")
    _client(demo, "verify", "--to", until)
    totals = [portal["totals"] for portal in _status(demo)]
    sessions, files, size = (
        sum(total[name] for total in totals) for name in ("stored", "files", "bytes")
    )
    console.print(
        f"{sessions} sessions, {files} files, {demo_screen.size(size)}: fetched and verified."
    )
    console.print(f"They lie in {demo.archives}", soft_wrap=True)
    return 0


def _status(demo: _Demo) -> Sequence[Told]:
    """Ask the client how it goes; one report for every portal."""
    done = subprocess.run(  # noqa: S603  our own program
        _python("integration", "status", "--config", str(demo.config), "--json"),
        check=False,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    if done.returncode:
        msg = f"`broker-client status` ended with {done.returncode}: {done.stderr.strip()}"
        raise Failed(msg)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _watch(
    demo: _Demo, told: Told, clients: Sequence[subprocess.Popen[str]], console: Console
) -> None:
    """Show one screen, refreshed, until Ctrl-C."""
    places = {
        "archives": str(demo.archives),
        "database": str(demo.config.parent / "sessions.sqlite"),
        "settings": str(demo.config),
    }
    with Live(console=console, auto_refresh=False, screen=console.is_terminal) as live:
        while all(client.poll() is None for client in clients):
            with suppress(Failed):  # the ledger is busy; the next look will tell
                live.update(demo_screen.screen(told, _status(demo), places), refresh=True)
            time.sleep(_GLANCE_SECONDS)  # noqa: TID251  a person looks on; nothing waits for this
    msg = f"a client ended by itself; see {demo.log('client')}"
    raise Failed(msg)


if __name__ == "__main__":
    sys.exit(main())
