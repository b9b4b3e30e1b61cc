"""The customer's computer, invented: the same at every session but for what time does to it.

A machine is written down as sections, each a small table of texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from broker_sim.core.chat import customer_name
from broker_sim.core.record import Event, Session
from broker_sim.synthetic import pools
from broker_sim.synthetic.chance import Draws, fingerprint

# Machines were set up in the four years before this day, and age from then on.
_BORN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_NETMASK: Final = "255.255.255.0"


@dataclass(frozen=True, slots=True)
class Section:
    """One table: `tag` names a row; every row has as many texts as there are columns."""

    title: str
    tag: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """One computer at one moment.

    Attributes:
        seed: of the world.
        key: stands for the machine; the same at every session of one customer address.
        visit: stands for the session.
        taken: when the diagnostics were taken.
        said: all that was said before, to agree with it.
        address: the IP address that the broker saw.
    """

    seed: int
    key: int
    visit: int
    taken: datetime
    said: str
    address: str
    host: str
    user: str
    locale: str

    @property
    def months(self) -> int:
        """Months since the epoch; what drifts, drifts with them."""
        return self.taken.year * 12 + self.taken.month - 1970 * 12 - 1

    def lasting(self, purpose: str) -> Draws:
        """Give chance that is the same at every visit."""
        return Draws(self.seed, f"machine {purpose}", self.key)

    def passing(self, purpose: str) -> Draws:
        """Give chance of this visit."""
        return Draws(self.seed, f"visit {purpose}", self.visit)


@cache
def parts() -> Any:
    """Give what machines are made of."""
    return pools.data("machines.json")


def inspect(seed: int, session: Session) -> Machine:
    """Find the machine of a session's customer, as it was when diagnostics were taken."""
    name = customer_name(session)
    key = fingerprint(session.customer_ip or f"{session.portal} {name}")
    number = Draws(seed, "machine host", key).below(9000)
    user = pools.plain(name)[:12] or f"user{number}"
    spoken = (event.detail for event in session.events if event.kind is Event.CHAT)
    return Machine(
        seed=seed,
        key=key,
        visit=session.session_id,
        taken=_taken(session),
        said="\n".join(spoken),
        address=session.customer_ip or "10.0.0.2",
        host=f"{user[:6].upper()}-{1000 + number}",
        user=user,
        locale=session.locale or "en_US",
    )


def _taken(session: Session) -> datetime:
    for event in session.events:
        if event.kind is Event.DIAGNOSTICS_TAKEN:
            return event.time
    return session.started or session.posted


def hardware(machine: Machine) -> tuple[Section, ...]:
    """Give the sections on what the machine is."""
    return (_system(machine), _disks(machine), _network(machine), _printers(machine))


def pairs(title: str, rows: list[tuple[str, str]]) -> Section:
    """Give a section of names and values."""
    return Section(title, "item", ("name", "value"), tuple(rows))


def cores(machine: Machine) -> tuple[str, int]:
    """Give the processor's name and the number of its cores."""
    name, count = machine.lasting("cpu").pick(parts()["processors"])
    return name, count


def memory_mb(machine: Machine) -> int:
    """Give the memory built in, in megabytes."""
    size: int = machine.lasting("memory").pick(parts()["memory"])
    return size


def set_up(machine: Machine) -> datetime:
    """Give the day on which the machine was set up; always before it is looked at."""
    born = _BORN - timedelta(days=machine.lasting("born").between(60, 1400))
    return min(born, machine.taken - timedelta(days=30))


def _system(machine: Machine) -> Section:
    own = machine.lasting("system")
    system, build, pack = own.pick(parts()["systems"])
    maker, models = own.pick(parts()["makers"])
    rows = [
        ("Computer", machine.host),
        ("User", f"{machine.host}\\{machine.user}"),
        ("Operating system", system),
        ("Version", f"{build} {pack}".strip()),
        ("Language", machine.locale),
        ("Installed", f"{set_up(machine):%Y-%m-%d}"),
        ("Maker and model", f"{maker} {own.pick(models)}"),
        ("Serial number", f"{own.below(10**10):010d}"),
        ("BIOS", f"{maker} {own.between(1, 3)}.{own.below(40):02d}"),
        ("Display", f"{own.pick(('1366x768', '1920x1080', '2560x1440'))}, 32 bit"),
        ("Time zone", own.pick(("UTC", "UTC+1", "UTC-5", "UTC-8", "UTC+9"))),
    ]
    return pairs("System", rows + _load(machine))


def _load(machine: Machine) -> list[tuple[str, str]]:
    now = machine.passing("load")
    processor, count = cores(machine)
    size = memory_mb(machine)
    up = timedelta(seconds=now.between(600, 1_900_000))
    return [
        ("Processor", f"{processor}, {count} cores"),
        ("Processor load", f"{now.between(2, 78)} %"),
        ("Memory", f"{size} MB"),
        ("Memory free", f"{size * now.between(8, 61) // 100} MB"),
        ("Page file", f"{size + size // 2} MB"),
        ("Last start", f"{machine.taken - up:%Y-%m-%d %H:%M:%S} UTC"),
    ]


def _disks(machine: Machine) -> Section:
    own = machine.lasting("disks")
    columns = ("drive", "label", "system", "size_mb", "free_mb", "free_percent")
    rows = []
    # Disks fill up: a little every month, a little more or less from day to day.
    for letter, label in (("C:", "System"), ("D:", "Data"), ("G:", "Groups"))[: own.between(1, 3)]:
        size = own.pick((122_880, 244_198, 488_386, 953_869))
        used = own.between(25, 70) + machine.months % 24
        own_free = size * (100 - used) // 100
        free = max(300, own_free - machine.passing(f"disk {letter}").below(900))
        if letter == "C:" and "disk is nearly full" in machine.said:
            free = size // 70
        system = "Network" if letter == "G:" else "NTFS"
        share = f"{100 * free / size:.1f}"
        rows.append((letter, label, system, str(size), str(free), share))
    return Section("Disks", "disk", columns, tuple(rows))


def _network(machine: Machine) -> Section:
    own, now = machine.lasting("network"), machine.passing("network")
    net = f"192.168.{own.below(200)}"
    columns = ("adapter", "device", "mac", "address", "mask", "gateway", "dns", "sent", "received")
    rows = []
    for nth, (adapter, device) in enumerate(parts()["adapters"]):
        # 02: marks an address that no maker has given out.
        mac = "02:" + ":".join(f"{own.below(256):02X}" for _ in range(5))
        inside = f"{net}.{own.between(20, 240)}"
        dns = "10.0.0.99" if "10.0.0.99" in machine.said else f"{net}.1"
        joined = (inside, _NETMASK, f"{net}.1", dns) if nth < 2 else ("", "", "", "")
        counts = (str(now.below(2**31)), str(now.below(2**32))) if nth < 2 else ("0", "0")
        rows.append((adapter, device, mac, *joined, *counts))
    rows.append(("Seen from outside", "", "", machine.address, "", "", "", "", ""))
    return Section("Network", "adapter", columns, tuple(rows))


def _printers(machine: Machine) -> Section:
    own, now = machine.lasting("printers"), machine.passing("printers")
    names = own.some(parts()["printers"], own.between(2, 4))
    if "PR-2-07" in machine.said:
        names = ["PR-2-07 (PrintRoom)", "PR-2-07 (PrintRoom)", "PDF Folder"]
    rows = [
        (name, "yes" if nth == 0 else "no", str(now.below(3) * now.below(6)))
        for nth, name in enumerate(names)
    ]
    return Section("Printers", "printer", ("name", "default", "jobs"), tuple(rows))
