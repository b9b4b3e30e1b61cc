"""What runs and what is installed on a customer's computer."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from broker_sim.synthetic import pools
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.machine import Machine, Section, cores, pairs, parts, set_up

_EVENTS: Final = 96
_SYSTEM_PROCESSES: Final = 20
_UPDATES: Final = 24


def software(machine: Machine) -> tuple[Section, ...]:
    """Give the sections on what the machine does."""
    return (
        _processes(machine),
        _applications(machine),
        _services(machine),
        _drivers(machine),
        _updates(machine),
        _variables(machine),
        _events(machine),
    )


def _processes(machine: Machine) -> Section:
    own, now = machine.lasting("processes"), machine.passing("processes")
    columns = ("pid", "name", "user", "memory_kb", "cpu_percent", "threads", "minutes", "path")
    rows = []
    pid = 4
    for place, (name, user, memory) in enumerate(parts()["processes"]):
        # The first ones are the system's own. Of the others nearly all are there at every
        # visit; people close a window now and then.
        system = place < _SYSTEM_PROCESSES
        if not system and (own.once_in(9) or now.once_in(12)):
            continue
        size = memory * now.between(70, 140) // 100
        load = now.pick(("0.0", "0.0", "0.0", "0.1", "0.4", "1.7", "6.2"))
        rows.append((
            str(pid), name, machine.user if user == "USER" else user, str(size), load,
            str(now.between(2, 48)), str(now.between(3, 30_000)), _path(name, system=system),
        ))  # fmt: skip
        pid += 4 * now.between(1, 140)
    return Section("Processes", "process", columns, tuple(rows))


def _path(name: str, *, system: bool) -> str:
    if system:
        return f"C:\\Windows\\system32\\{name}" if name.endswith(".exe") else ""
    stem = name.removesuffix(".exe")
    return f"C:\\Program Files\\{stem.capitalize()}\\{name}"


def _applications(machine: Machine) -> Section:
    own = machine.lasting("applications")
    rows = [_supported(machine, app) for app in pools.words().apps.values()]
    for name, version in own.some(parts()["applications"], own.between(38, 50)):
        # Every program is updated now and then: its last number counts such months.
        every, first = own.between(2, 14), own.below(40)
        patch = first + machine.months // every
        size = own.between(2, 900) * 1024 + patch
        rows.append((name, f"{version}.{patch}", _maker(name), _installed(own, machine), str(size)))
    columns = ("name", "version", "publisher", "installed", "size_kb")
    return Section("Installed applications", "application", columns, tuple(sorted(rows)))


def _supported(machine: Machine, app: pools.App) -> tuple[str, ...]:
    own = machine.lasting(app.name)
    # An old version that was talked about is what the rep saw here.
    old = app.old in machine.said or (own.once_in(3) and app.version not in machine.said)
    version = app.old if old else app.version
    return (
        app.name,
        version,
        _maker(app.name),
        _installed(own, machine),
        str(48_000 + own.below(90_000)),
    )


def _maker(name: str) -> str:
    first, _, _ = name.partition(" ")
    return f"{first} Software"


def _installed(own: Draws, machine: Machine) -> str:
    # In the first month, which lies behind every visit, so that it stays as it is.
    return f"{set_up(machine) + timedelta(days=own.below(30)):%Y-%m-%d}"


def _services(machine: Machine) -> Section:
    now = machine.passing("services")
    rows = []
    for name, begin in parts()["services"]:
        runs = begin == "Automatic" and not now.once_in(25)
        runs = runs or (begin == "Manual" and now.once_in(3))
        rows.append((name, "Running" if runs else "Stopped", begin, "LocalSystem"))
    return Section("Services", "service", ("name", "state", "start", "account"), tuple(rows))


def _drivers(machine: Machine) -> Section:
    own = machine.lasting("drivers")
    rows = tuple(
        (name, file, f"{own.between(1, 30)}.{own.below(20)}.{own.below(9000)}", "yes")
        for name, file in parts()["drivers"]
    )
    return Section("Drivers", "driver", ("name", "file", "version", "signed"), rows)


def _updates(machine: Machine) -> Section:
    """One update of the system a month, the last two years of them."""
    rows = []
    for month in range(machine.months - _UPDATES, machine.months):
        number = 4_000_000 + Draws(machine.seed, "update", month).below(1_000_000)
        day = machine.lasting(f"update {month}").between(9, 27)
        rows.append(
            (
                f"KB{number}",
                f"{1970 + month // 12}-{month % 12 + 1:02d}-{day:02d}",
                "Security update",
            )
        )
    return Section("System updates", "update", ("name", "installed", "kind"), tuple(rows))


def _variables(machine: Machine) -> Section:
    slots = {
        "cores": str(cores(machine)[1]),
        "user": machine.user,
        "domain": machine.host.partition("-")[0],
        "host": machine.host,
    }
    rows = [(name, pools.fill(value, slots)) for name, value in parts()["variables"]]
    return pairs("Environment", rows)


def _events(machine: Machine) -> Section:
    """The newest entries of the log, oldest first; each after the one before."""
    now = machine.passing("events")
    ages = sorted((now.below(4 * 86_400) for _ in range(_EVENTS)), reverse=True)
    rows = []
    for age in ages:
        level, source, number, text = now.pick(parts()["events"])
        slots = {
            "service": now.pick(parts()["services"])[0],
            "process": now.pick(parts()["processes"])[0],
            "version": f"{now.between(1, 12)}.{now.below(10)}.0.{now.below(900)}",
            "hex": f"{now.below(1 << 20):05x}",
            "kb": str(4_000_000 + now.below(1_000_000)),
            "small": str(now.between(1, 9)),
            "number": str(now.between(12, 98_000)),
        }
        at = machine.taken - timedelta(seconds=age)
        rows.append(
            (f"{at:%Y-%m-%d %H:%M:%S}", level, source, str(number), pools.fill(text, slots))
        )
    return Section("Event log", "entry", ("time", "level", "source", "id", "text"), tuple(rows))
