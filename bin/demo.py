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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_SEED: Final = "7"
_LIVE_PER_HOUR: Final = "600"  # nights have half of it: the first one ends within a minute or two
_STOP_SECONDS: Final = 20.0
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
            console.print(f"The broker answers at [bold]{told['baseUrl']}[/]. Its WSDL:")
            for urls in told["services"].values():
                console.print(f"  {urls['wsdl']}", soft_wrap=True)
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


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _stop(process: subprocess.Popen[str]) -> None:
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
            "ca_file": told["caFile"],
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
    """Run one command of the client on this terminal; on Ctrl-C it stops by itself."""
    with subprocess.Popen(  # noqa: S603  our own program
        _python("integration", command, "--config", str(demo.config), *more)
    ) as process:
        code = process.wait()
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
    console.print(f"{sessions} sessions, {files} files, {_size(size)}: fetched and verified.")
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
    with Live(console=console, auto_refresh=False, screen=console.is_terminal) as live:
        while all(client.poll() is None for client in clients):
            with suppress(Failed):  # the ledger is busy; the next look will tell
                live.update(_screen(demo, told, _status(demo)), refresh=True)
            time.sleep(_GLANCE_SECONDS)  # noqa: TID251  a person looks on; nothing waits for this
    msg = f"a client ended by itself; see {demo.log('client')}"
    raise Failed(msg)


def _screen(demo: _Demo, told: Told, portals: Sequence[Told]) -> Panel:
    note = Text(
        "Customers ask all the time: the updates grow. A session is stored once it has ended,"
        " some minutes later. Ctrl-C stops it all.",
        style="dim",
    )
    parts = (_table(portals), Text(), _places(demo, told), Text(), note)
    return Panel(Group(*parts), title="broker-sim", border_style="cyan")


def _table(portals: Sequence[Told]) -> Table:
    table = Table(expand=True, box=None, padding=(0, 2, 0, 0))
    table.add_column("portal", overflow="fold")
    for heading in ("update", "stored", "queue", "files", "size", "lag"):
        table.add_column(heading, justify="right", no_wrap=True)
    for portal in portals:
        totals = portal["totals"]
        table.add_row(
            portal["portal"],
            _followed_to(portal["updates"]),
            Text(str(totals["stored"]), style="bold green"),
            str(portal["queue"]["length"]),
            str(totals["files"]),
            _size(totals["bytes"]),
            f"{portal['lag_seconds']:.0f} s",
        )
    return table


def _followed_to(updates: Told) -> Text:
    """Tell up to which update of the broker the client has read."""
    if updates["state"] != "updating":
        return Text("-")
    return Text(str(updates["polled_to"]), style="yellow" if updates["problem"] else "")


def _places(demo: _Demo, told: Told) -> Table:
    places = Table.grid(padding=(0, 2, 0, 0))
    places.add_column(style="dim")
    places.add_column(overflow="fold")
    for urls in told["services"].values():
        places.add_row("WSDL", Text(urls["wsdl"]))
    places.add_row("CA file", Text(told["caFile"]))
    places.add_row("archives", Text(str(demo.archives)))
    places.add_row("database", Text(str(demo.config.parent / "sessions.sqlite")))
    places.add_row("settings", Text(str(demo.config)))
    return places


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


if __name__ == "__main__":
    sys.exit(main())
