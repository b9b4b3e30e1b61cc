"""Run the broker and the reference client side by side, and show how it goes.

Started by bin/demo in an environment of its own. It knows both programs by their command
lines only, as any user does.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_FOLDER: Final = Path(".demo").resolve()
_SEED: Final = "7"
_SESSIONS: Final = "400"
_LIVE_PER_HOUR: Final = "240"
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0
_GLANCE_SECONDS: Final = 1.0

Told = Mapping[str, Any]


class Failed(Exception):  # noqa: N818  the demo's own end, told to a person
    """Something did not work; the message says what, and where to look."""


def main() -> int:
    """Run the demo; give the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/demo",
        description="A simulated broker and the reference client, side by side.",
        epilog="example: bin/demo --once",
    )
    parser.add_argument(
        "--once", action="store_true", help="fetch everything, verify it, print the counts, end"
    )
    once = parser.parse_args().once
    console = Console()
    try:
        with _broker() as told:
            config = _configure(told)
            console.print(f"The broker answers at [bold]{told['baseUrl']}[/]. Its WSDL:")
            for urls in told["services"].values():
                console.print(f"  {urls['wsdl']}", soft_wrap=True)
            console.print("Fetching what it keeps of the last 90 days ...")
            _client("fetch", config)
            if once:
                return _verify(config, console)
            with _following(config) as client:
                _watch(told, config, client, console)
    except Failed as problem:
        console.print(f"[bold red]The demo stopped:[/] {problem}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. Run bin/demo again to go on where it stands.")
    return 0


@contextmanager
def _broker() -> Iterator[Told]:
    """Serve a broker for as long as the block lasts; give what its clients need to know."""
    home, log = _FOLDER / "broker", _FOLDER / "broker.log"
    home.mkdir(parents=True, exist_ok=True)
    options = ["--home", str(home), "--seed", _SEED, "--sessions", _SESSIONS]
    command = _python("broker_sim", "serve", *options, "--live", _LIVE_PER_HOUR, "--json")
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(  # noqa: S603  our own program
            command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                msg = f"the broker did not start; see {log}"
                raise Failed(msg)
            yield json.loads(line)
        finally:
            _stop(process)


@contextmanager
def _following(config: Path) -> Iterator[subprocess.Popen[str]]:
    """Let the client follow the broker in real time for as long as the block lasts."""
    log = _FOLDER / "client.log"
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(  # noqa: S603  our own program
            _python("integration", "run", "--config", str(config)),
            stdout=errors,
            stderr=errors,
            text=True,
            start_new_session=True,
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


def _configure(told: Told) -> Path:
    """Write the client's settings: every portal of the broker, passwords in 0600 files."""
    folder = _FOLDER / "client"
    folder.mkdir(parents=True, exist_ok=True)
    lines = ['state = "state"']
    for portal, (login, *_) in told["logins"].items():
        _write_private(folder / f"{portal}.password", login["password"])
        lines += [
            "",
            "[[portals]]",
            f'nickname = "{portal}"',
            f'url = "{told["baseUrl"]}"',
            f'username = "{login["username"]}"',
            f'password_file = "{portal}.password"',
            f'ca_file = "{told["caFile"]}"',
            f'storage = "Sessions/{portal}"',
            'database = "sqlite:///sessions.sqlite"',
            'start_at = "all"',
        ]
    config = folder / "broker-client.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _client(command: str, config: Path) -> None:
    """Run one command of the client on this terminal."""
    done = subprocess.run(  # noqa: S603  our own program
        _python("integration", command, "--config", str(config)), check=False
    )
    if done.returncode:
        msg = f"`broker-client {command}` ended with {done.returncode}"
        raise Failed(msg)


def _verify(config: Path, console: Console) -> int:
    """Compare all that is stored with the broker, then print the counts."""
    console.print("Verifying: ids, digests, every file unsealed and parsed ...")
    _client("verify", config)
    portals = _status(config)
    totals = [portal["totals"] for portal in portals]
    sessions, files = (sum(total[name] for total in totals) for name in ("stored", "files"))
    size = sum(total["bytes"] for total in totals)
    console.print(
        f"{sessions} sessions, {files} files, {_size(size)}: fetched, verified."
        f" They lie in {config.parent / 'Sessions'}",
        soft_wrap=True,
    )
    return 0


def _status(config: Path) -> Sequence[Told]:
    """Ask the client how it goes; one report for every portal."""
    done = subprocess.run(  # noqa: S603  our own program
        _python("integration", "status", "--config", str(config), "--json"),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        msg = f"`broker-client status` ended with {done.returncode}: {done.stderr.strip()}"
        raise Failed(msg)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _watch(told: Told, config: Path, client: subprocess.Popen[str], console: Console) -> None:
    """Show one screen, refreshed, until Ctrl-C."""
    with Live(console=console, auto_refresh=False, screen=console.is_terminal) as live:
        while client.poll() is None:
            live.update(_screen(told, config, _status(config)), refresh=True)
            time.sleep(_GLANCE_SECONDS)  # noqa: TID251  a person looks on; nothing waits for this
    msg = f"the client ended with {client.returncode}; see {_FOLDER / 'client.log'}"
    raise Failed(msg)


def _screen(told: Told, config: Path, portals: Sequence[Told]) -> Panel:
    table = Table(expand=True, box=None, padding=(0, 2, 0, 0))
    for heading in ("portal", "connection"):
        table.add_column(heading)
    for heading in ("stored", "queue", "files", "size", "lag"):
        table.add_column(heading, justify="right")
    for portal in portals:
        totals = portal["totals"]
        lag = portal["lag_seconds"]
        table.add_row(
            portal["portal"],
            portal["connection"]["state"],
            str(totals["stored"]),
            str(portal["queue"]["length"]),
            str(totals["files"]),
            _size(totals["bytes"]),
            "-" if lag is None else f"{lag:.0f} s",
        )
    where = Table.grid(padding=(0, 2, 0, 0))
    where.add_column(style="dim")
    where.add_column(overflow="fold")
    for urls in told["services"].values():
        where.add_row("WSDL", urls["wsdl"])
    where.add_row("CA file", told["caFile"])
    where.add_row("archives", str(config.parent / "Sessions"))
    where.add_row("database", str(config.parent / "sessions.sqlite"))
    where.add_row("settings", str(config))
    note = Text("New sessions arrive by themselves. Ctrl-C ends it.", style="dim")
    return Panel(Group(table, Text(), where, Text(), note), title="broker-sim", border_style="cyan")


def _size(count: float) -> str:
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


if __name__ == "__main__":
    sys.exit(main())
