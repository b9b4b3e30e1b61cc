"""What a broker is started with. The only reader of the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from broker_sim.contract import limits

MEMORY: Final = "memory"
FILE: Final = "file"
_TEST_STORE: Final = "BROKER_SIM_TEST_STORE"
_TEST_SERVER: Final = "BROKER_SIM_TEST_SERVER"
_DAYS_MOST: Final = 3_650
_WORKERS_MOST: Final = 64
_LIVE_MOST: Final = 1_000_000
_TOKEN: Final = re.compile(r"[!-~]+")  # what a header can carry
_HOST: Final = re.compile(r"[A-Za-z0-9_.:-]+")
_ADDRESS: Final = re.compile(r"https?://[^\s/?#]+[^\s?#]*")


class UsageError(ValueError):
    """A broker cannot run with what it was given; the text is a sentence that says what to do."""


def sentence_of(problem: Exception) -> str:
    """Say on one line what was wrong, without the numbers of the system."""
    if isinstance(problem, OSError) and problem.strerror:
        return f"{problem.filename}: {problem.strerror}" if problem.filename else problem.strerror
    return " ".join(str(problem).split())


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides how a broker runs.

    Attributes:
        home: folder of the CA, of `env.json`, and of the data where `store` is "file".
        store: "file", "memory", or the URL of a database.
        recordings: URL of where large recordings lie, like s3://bucket/prefix?endpoint=URL; in
            the folder, or in memory with the rest, if not said.
        host: the address to listen on.
        port: the first port to try; 0 for any.
        tls: serve https. SEC-1.
        names: further host names for the certificate.
        base_url: how callers reach the broker, if not by host and port.
        seed: decides company, logins, past and traffic.
        sessions: how many ended sessions a new world begins with.
        days: over how many days before now they lie.
        live_per_hour: how many requests customers post in an average hour; 0 for none.
        rate: how many calls a connection may make in a second; 0 for any number; None for the
            contract's, which is not in force in a world for tests, nor while the clock
            stands still. RATE-1.
        magic: whether magic values are heeded; see docs/faults.md.
        burst: how many it may make at once after a rest.
        workers: how many processes answer behind the port.
        relays: how many relays of channels have processes of their own; 0 for one inside the
            broker's. CHAN-1.
        relay_port: the first port to try for them; 0 for any, and any where `port` is 0.
        control: open the control listener.
        control_port: the first port to try for it; 0 for any.
        token: what opens it.
        demo: the login pages offer the seeded people with one click, passwords and all.
        for_tests: cheap password hashes and repeatable keys; refused in served mode.
        frozen_at: begin with the clock standing still at this instant.
    """

    home: Path
    store: str = FILE
    recordings: str | None = None
    host: str = "127.0.0.1"
    port: int = 8443
    tls: bool = True
    names: tuple[str, ...] = ()
    base_url: str | None = None
    seed: int = 7
    sessions: int = 400
    days: int = 90
    live_per_hour: float = 0.0
    rate: float | None = None
    magic: bool = False
    burst: int = limits.RATE_BURST
    workers: int = 1
    relays: int = 0
    relay_port: int = 8450
    control: bool = False
    control_port: int = 8444
    token: str = field(default="", repr=False)
    demo: bool = False
    for_tests: bool = False
    frozen_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse wrong values, all of them at once, by the options that set them.

        Raises:
            UsageError: naming every mistake.
        """
        wrong = [said for holds, said in self._conditions() if not holds]
        if wrong:
            raise UsageError("; ".join(wrong))

    def _conditions(self) -> Iterator[tuple[bool, str]]:
        ports = range(2**16)
        yield self.port in ports, "--port must lie between 0 and 65535"
        yield self.control_port in ports, "--control-port must lie between 0 and 65535"
        yield bool(self.host), "--host must be an address"
        yield self.sessions >= 0, "--sessions must be 0 or more"
        yield 1 <= self.days <= _DAYS_MOST, f"--days must lie between 1 and {_DAYS_MOST}"
        yield 0 <= self.live_per_hour < _LIVE_MOST, "--live must be a number of requests, 0 or more"
        least, most = limits.RATE_LEAST, limits.RATE_MOST
        right = not self.rate or least <= self.rate <= most
        yield right, f"--rate must lie between {least} and {most} calls a second"
        yield 1 <= self.burst <= most, f"--burst must lie between 1 and {most}"
        workers = range(1, _WORKERS_MOST + 1)
        yield self.workers in workers, f"--workers must lie between 1 and {_WORKERS_MOST}"
        yield 0 <= self.relays <= _WORKERS_MOST, f"--relay must lie between 0 and {_WORKERS_MOST}"
        yield self.relay_port in ports, "--relay-port must lie between 0 and 65535"
        shared = not (self.in_memory and self.workers > 1)
        yield shared, "--workers need a store that they can share: --store file, or a database URL"
        place = self.recordings is None or _is_bucket(self.recordings)
        yield place, "--recordings must be like s3://bucket/prefix?endpoint=https://s3.example"
        yield self.seed >= 0, "--seed must be 0 or more"
        base = self.base_url or "https://unset"
        yield bool(_ADDRESS.fullmatch(base)), "--base-url must be like https://broker.example"
        fits = is_token(self.token) or not (self.token or self.control)
        yield fits, "--token must be of letters, digits and signs, without blanks"
        yield _is_bearable(self.frozen_at), "--frozen-at must be an instant from 1971 to 8999"

    @property
    def relay_processes(self) -> int:
        """How many relays have processes of their own: several workers share one at least."""
        return max(self.relays, 1) if self.workers > 1 else self.relays

    @property
    def in_memory(self) -> bool:
        """Whether the world is gone when the process ends."""
        return self.store == MEMORY


def _is_bucket(url: str) -> bool:
    """Tell whether a URL names a part of a bucket; all of one might hold what others need."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    return (
        parts.scheme == "s3"
        and bool(parts.netloc and parts.path.strip("/"))
        and asked.keys() <= {"endpoint", "region"}
        and all(bool(_ADDRESS.fullmatch(url)) for url in asked.get("endpoint", ()))
    )


def is_token(text: str) -> bool:
    """Tell whether a header can carry this token; an empty one opens nothing."""
    return bool(_TOKEN.fullmatch(text))


def is_control_url(url: str) -> bool:
    """Tell whether this is scheme, host and port of a control API, which speaks plain http."""
    try:
        place = urlsplit(url)
        bare = place._replace(path="", query="", fragment="").geturl() == url
        return (
            place.scheme == "http"
            and bool(_HOST.fullmatch(place.hostname or ""))
            and bare
            and place.port != 0
        )
    except ValueError:  # no port, or no address
        return False


def s3_options(environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:  # noqa: TID251  this file reads the environment
    """Give what the usual variables say of an S3 server, by the names that a client has for it."""
    known = {
        "access_key_id": ("AWS_ACCESS_KEY_ID",),
        "secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
        "session_token": ("AWS_SESSION_TOKEN",),
        "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
        "endpoint": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
    }
    said = {
        option: next((environment[name] for name in names if environment.get(name)), None)
        for option, names in known.items()
    }
    return {option: value for option, value in said.items() if value is not None}


def _is_bearable(instant: datetime | None) -> bool:
    """Tell whether the rules can reckon ninety days and more around an instant."""
    return instant is None or (instant.tzinfo is not None and 1971 <= instant.year <= 8999)


def default_home(environment: Mapping[str, str] = os.environ) -> Path:  # noqa: TID251  this file reads the environment
    """Give the folder where a broker keeps its things: $BROKER_SIM_HOME, else the user's own."""
    said = environment.get("BROKER_SIM_HOME")
    if said:
        return Path(said)
    data = environment.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "broker-sim"


def store_for_tests(environment: Mapping[str, str] = os.environ) -> str:  # noqa: TID251  the same
    """Give the kind of store that worlds of tests have where they name none."""
    return environment.get(_TEST_STORE) or MEMORY


def server_for_tests(environment: Mapping[str, str] = os.environ) -> str | None:  # noqa: TID251  the same
    """Give the URL of the database server that an earlier process started for tests."""
    return environment.get(_TEST_SERVER)


def tell_server_for_tests(url: str) -> None:
    """Let the processes that this one will start know the server."""
    os.environ[_TEST_SERVER] = url  # noqa: TID251  the same
