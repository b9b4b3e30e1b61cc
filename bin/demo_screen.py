"""What the demo shows: how the client gets on, and where everything is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

Told = Mapping[str, Any]


def screen(told: Told, portals: Sequence[Told], places: Mapping[str, str]) -> Panel:
    """Give one screen of a running demo.

    Args:
        told: what the broker said of itself.
        portals: what the client says of each portal.
        places: where what it brings home lies, by what it is.
    """
    note = Text(
        "Open a page as the customer, one as the representative, one as the manager; their logins"
        " are on the pages. Customers ask all the time: the updates grow. A session is stored once"
        " it has ended, some minutes later. Ctrl-C stops it all.",
        style="dim",
    )
    parts = (
        *(_table(portals), Text()),
        *(_links(told), Text()),
        *(_places(told, places), Text()),
        note,
    )
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
            size(totals["bytes"]),
            f"{portal['lag_seconds']:.0f} s",
        )
    return table


def _followed_to(updates: Told) -> Text:
    """Tell up to which update of the broker the client has read."""
    if updates["state"] != "updating":
        return Text("-")
    return Text(str(updates["polled_to"]), style="yellow" if updates["problem"] else "")


def pages(told: Told) -> Mapping[str, str]:
    """Give the pages that people open, by what they are."""
    portal = quote(next(iter(told["logins"])), safe="")
    return {
        "customer": f"{told['baseUrl']}/h/{portal}",
        "representative": f"{told['baseUrl']}/helpalert/",
        "manager": f"{told['baseUrl']}/manager/",
        "simulator": told["simulatorUrl"],
    }


def linked(url: str) -> Text:
    """Give a link that a terminal opens with a click, and that can be read in any other one."""
    return Text(url, style=f"bold link {url}")


def _links(told: Told) -> Table:
    grid = _grid()
    for name, url in pages(told).items():
        grid.add_row(name, linked(url))
    return grid


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", min_width=len("representative"))
    grid.add_column(overflow="fold")
    return grid


def _places(told: Told, places: Mapping[str, str]) -> Table:
    grid = _grid()
    for urls in told["services"].values():
        grid.add_row("WSDL", Text(urls["wsdl"]))
    for name, place in places.items():
        grid.add_row(name, Text(place))
    return grid


def size(count: float) -> str:
    """Give a number of bytes for people."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
