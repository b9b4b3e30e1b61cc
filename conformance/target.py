"""What is judged: a broker at a URL, described by a few facts, or one that we start ourselves.

Only here does the suite touch the simulator's own door (`broker_sim.testing`), and only to
start it; from then on it is a URL like any other.
"""

import re
import secrets
import shutil
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from broker_sim.contract.sessions import SESSIONS
from conformance.caller import SERVICES, Caller
from conformance.control import Control
from conformance.exchange import Http, NoAnswer, Unreachable
from conformance.published import NoWsdl, Published, read
from conformance.restarting import by_command
from conformance.rulebook import CAPABILITIES
from conformance.served import PROGRAM, QUICK, Served

LAUNCH_PATH: Final = "/ds/queryPost.flow"
# What the suite fills in of a form by itself.
LAUNCH_FIELDS: Final = frozenset({"Portal", "SubPortal", "Name", "Question"})
_TOKEN: Final = re.compile(r"[\x20-\x7e]*")


class BadTarget(ValueError):  # noqa: N818  # told in words, not our error
    """The description of a target is wrong; the message names every mistake."""


@dataclass(frozen=True, slots=True)
class Login:
    """An API login of the target."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Launch:
    """How customers come to a target that has no control API: by a form, in one request.

    Attributes:
        portal: what the form's field `Portal` says; that of the first lent login.
        sub_portal: where their requests wait, and the lent representative works.
        path: where the form is sent.
        fields: what else it asks for, besides `LAUNCH_FIELDS`: name and value.
    """

    portal: str
    sub_portal: str
    path: str = LAUNCH_PATH
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Description:
    """How to reach a target, and what it lends to the suite.

    Attributes:
        url: its base, or the URL of its WSDL.
        control: base of its control API, where it has one; `token` goes with it.
        logins: of two portals, in this order; needed only where there is no control API.
        burnable: a login that may be locked out.
        capabilities: what the target claims to have; see `rulebook.CAPABILITIES`.
        restart: a command that restarts the target and returns when it runs again.
        launch: how customers come, and `representative` who works for them; needed only where
            there is no control API.
    """

    url: str
    ca: Path | None = None
    control: str | None = None
    token: str = ""
    logins: tuple[Login, ...] = ()
    burnable: Login | None = None
    capabilities: frozenset[str] = frozenset(CAPABILITIES)
    restart: tuple[str, ...] = ()
    launch: Launch | None = None
    representative: Login | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A target that answered: its published documents are read.

    Attributes:
        defects: what is wrong with what it publishes, short of being no target.
        restart: restarts it ("stop", or "kill" where that can be done) and returns when it
            runs again; None where that cannot be done.
        served: gives the target for rules about restarts and the served mode; itself if None.
    """

    description: Description
    caller: Caller
    control: Control | None
    defects: tuple[str, ...] = ()
    restart: Callable[[str], None] | None = None
    served: "Callable[[], Target] | None" = None
    _others: dict[str, Caller] = field(default_factory=dict, repr=False)

    def service(self, name: str) -> Caller:
        """Give the way to one of its services; what it publishes is read at the first call.

        Raises:
            Unreachable: it publishes no usable WSDL there.
        """
        if name == self.caller.service:
            return self.caller
        if name not in self._others:
            path = _beside(self.caller.path, name)
            published, _ = _published(self.http, path)
            self._others[name] = Caller(self.http, path, published, self.caller.secrets, name)
        return self._others[name]

    @property
    def http(self) -> Http:
        """The way to its product door."""
        return self.caller.http

    def close(self) -> None:
        """Close this thread's connections to it."""
        self.http.close()
        if self.control is not None:
            self.control.close()

    def alive(self) -> bool:
        """Tell whether somebody still listens there."""
        try:
            self.http.open_socket().close()
        except Unreachable:
            return False
        return True


def reach(description: Description) -> Target:
    """Connect to a target and read what it publishes.

    Raises:
        Unreachable: nobody listens, it publishes no usable WSDL, or its control API refuses.
        BadTarget: a URL is none, or the file of certificates is none.
    """
    parts = _parts(description.url)
    http = _http(f"{parts.scheme}://{parts.netloc}", description.ca)
    path = parts.path if parts.path.strip("/") else SESSIONS.path
    control = None
    with ExitStack() as on_failure:
        on_failure.callback(http.close)
        if description.control is not None:
            _parts(description.control)
            if not _TOKEN.fullmatch(description.token):
                msg = "the token of the control API has characters that no HTTP header can carry"
                raise BadTarget(msg)
            control = Control(_http(description.control, description.ca), description.token)
            on_failure.callback(control.close)
            control.world()
        published, defects = _published(http, path)
        on_failure.pop_all()
    caller = Caller(http, path, published)
    again = by_command(description.restart) if description.restart else None
    return Target(description, caller, control, defects, again)


def _parts(url: str) -> SplitResult:
    if "@" in url.partition("://")[2].partition("/")[0]:  # it would stand in every report
        msg = "a URL holds a user name or password: leave it out; --target FILE can lend logins"
        raise BadTarget(msg)
    with suppress(ValueError):  # of addresses in brackets, and of ports
        parts = urlsplit(url)
        whole = parts.hostname and not re.search(r"[\s\0]", url) and parts.port != 0
        if parts.scheme in ("http", "https") and whole:
            return parts
    msg = f"{url!r} is no http or https URL"
    raise BadTarget(msg)


def _http(base: str, ca: Path | None) -> Http:
    try:
        return Http(base, ca)
    except OSError as error:
        none = isinstance(error, ssl.SSLError)
        reason = "there are no certificates in PEM" if none else str(error.strerror)
        msg = f"--ca {ca}: {reason}"
        raise BadTarget(msg) from error


@contextmanager
def reached(description: Description) -> Iterator[Target]:
    """Connect to a target, as `reach` does, for a while."""
    target = reach(description)
    try:
        yield target
    finally:
        target.close()


def _beside(path: str, name: str) -> str:
    """Give the path of another service, from that of the Sessions service."""
    if path.endswith(SESSIONS.name):
        return path.removesuffix(SESSIONS.name) + name
    return SERVICES[name].path


def _published(http: Http, path: str) -> tuple[Mapping[str, Published], tuple[str, ...]]:
    """Read both documents; the second is a matter of WIRE-1, the first of being a target."""
    found = {"1.1": _document(http, f"{path}?wsdl")}
    try:
        found["1.2"] = _document(http, f"{path}?wsdl12")
    except Unreachable as error:
        return found, (str(error),)
    return found, ()


def _document(http: Http, path: str) -> Published:
    try:
        answer = http.send("GET", path)
    except NoAnswer as error:
        msg = f"{http.base} is there, but gives {error}"
        raise Unreachable(msg) from error
    if answer.status != 200:
        msg = f"{http.base}{path} answers {answer.status}; a WSDL was expected there"
        raise Unreachable(msg)
    try:
        return read(answer.body)
    except NoWsdl as error:
        msg = f"{http.base}{path}: {error}"
        raise Unreachable(msg) from error


@contextmanager
def own(seed: int, program: tuple[str, ...] = PROGRAM, workers: int = 0) -> Iterator[Target]:
    """Start the simulator in this process, on free ports, and stop it in the end.

    The rules about restarts and the served mode get a second one, served as a process by
    `program`; with `workers`, by so many processes, and so is the first one then. It hashes
    passwords quickly, as the one in this process does: thousands of logons say nothing of that.
    """
    from broker_sim.testing import running_broker  # noqa: PLC0415  # heavy; a URL does not need it

    with ExitStack() as stack:
        kept: list[Target] = []

        def served() -> Target:
            if not kept:
                kept.append(stack.enter_context(own_served(seed, program, max(workers, 1))))
            return kept[0]

        if workers:
            target = stack.enter_context(own_served(seed, QUICK, workers))
        else:
            broker = stack.enter_context(running_broker(seed=seed))
            door = Description(broker.url, control=broker.control_url, token=broker.control_token)
            target = stack.enter_context(reached(door))
        yield replace(target, served=served)


@contextmanager
def own_served(seed: int, program: tuple[str, ...] = PROGRAM, workers: int = 1) -> Iterator[Target]:
    """Serve the simulator as a process, over TLS and on disk, and stop it in the end."""
    from broker_sim.testing.stores import placed  # noqa: PLC0415  # heavy; a URL does not need it

    process = Served(seed, secrets.token_hex(16), program, workers)

    def restart(how: str) -> None:
        (process.kill if how == "kill" else process.stop)()
        process.start()

    with ExitStack() as stack:
        stack.callback(shutil.rmtree, process.home, ignore_errors=True)
        process.store = stack.enter_context(placed("file", process.home))
        stack.callback(process.stop)
        process.start()
        told = process.told
        door = Description(
            told["baseUrl"],
            ca=None if told["caFile"] is None else Path(told["caFile"]),
            control=told["controlUrl"],
            token=process.token,
            # each process counts for itself: docs/processes.md
            capabilities=frozenset(CAPABILITIES) - ({"rate"} if workers > 1 else set()),
        )
        target = stack.enter_context(reached(door))
        yield replace(target, restart=restart)
