"""The one connection of a login, shared by all modes and processes of this client.

Its id lies in a file that only the owner can read. A process that starts takes it up, also after
a crash. Whoever is the last to leave logs off. Logons are guarded by `core.logon`, whose memory
lies beside it. Both files are changed under a lock.

Source: C-CONN-1, C-LOCK-1.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from integration.core import logon
from integration.core.ports import Clock
from integration.crashpoint import point
from integration.durable import Lock, make_folder, write
from integration.errors import Busy, Distrust, Exit, Locked, Retry, Stop, Unreachable
from integration.wire.refusals import ConnectionLost, CredentialRefused

CONNECTION_FILE: Final = "connection.json"
MEMORY_FILE: Final = "logon.json"
_log = logging.getLogger("integration.connection")


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs on; `reveal` gives the password."""

    username: str
    reveal: Callable[[], str]


class Connection:
    """One login's connection, as this process uses it."""

    def __init__(self, folder: Path, login: Login, clock: Clock) -> None:
        make_folder(folder)
        self._folder = folder
        self._login = login
        self._clock = clock
        self._change = Lock(folder / "connection.lock")
        self._in_use = Lock(folder / "connection.users")

    def take(self, log_on: Callable[[str, str], str], *, instead_of: str | None = None) -> str:
        """Give the connection's id: the one that is kept, or that of a new logon.

        Args:
            log_on: sends the logon; gives the new id.
            instead_of: an id that the broker no longer knows.

        Raises:
            Stop: the broker refused the credential, now or earlier, and nobody has said since
                that it may be tried again.
            Locked, Busy: not yet; `after` says when.
            Retry: there was no answer.
        """
        self._in_use.take(shared=True)
        with self._change.held():
            kept = self._kept()
            if kept is not None and kept != instead_of:
                return kept
            return self._new(log_on)

    def leave(self, log_off: Callable[[str], None]) -> None:
        """Stop using it; the last process to do so logs off. An error of `log_off` is logged."""
        with self._change.held():
            alone = self._in_use.take(wait=False)
            kept = self._kept()
            if alone and kept is not None:
                self._end(kept, log_off)
            self._in_use.free()

    def _end(self, connection_id: str, log_off: Callable[[str], None]) -> None:
        try:
            log_off(connection_id)
        except ConnectionLost:
            _log.info("the connection had ended already")
        except (Retry, Stop) as error:
            _log.warning("not logged off: %s", error)
            return
        (self._folder / CONNECTION_FILE).unlink(missing_ok=True)
        _log.info("logged off")

    def _kept(self) -> str | None:
        kept = _read(self._folder / CONNECTION_FILE)
        same = kept.get("username") == self._login.username
        found = kept.get("connection_id") if same else None
        return found if isinstance(found, str) else None

    def _new(self, log_on: Callable[[str, str], str]) -> str:
        stored = _read(self._folder / MEMORY_FILE)
        salt = stored.get("salt") or secrets.token_hex(16)
        memory = logon.about(_memory(stored), _fingerprint(self._login, salt))
        self._may(memory)
        memory = logon.send(memory, self._clock.now())
        self._remember(memory, salt)
        connection_id = self._attempt(log_on, memory, salt)
        made = {"username": self._login.username, "connection_id": connection_id}
        write(self._folder / CONNECTION_FILE, json.dumps(made).encode())
        self._remember(logon.worked(memory), salt)
        point("logged-on")
        _log.info("logged on")
        return connection_id

    def _may(self, memory: logon.Memory) -> None:
        now = self._clock.now()
        match logon.judge(memory, now):
            case logon.Refuse(why):
                raise Stop(
                    f"not logging on: {why}. Correct the user name or password, or say"
                    " `broker-client forget-refusal` to try the same ones again.",
                    exit_code=Exit.REFUSED,
                )
            case logon.Wait(until) if memory.unanswered:
                raise Retry("answers to logons were lost", after=(until - now).total_seconds())
            case logon.Wait(until):
                why = f"the login is locked until {until.isoformat(timespec='seconds')}"
                raise Locked(why, after=(until - now).total_seconds())

    def _attempt(self, log_on: Callable[[str, str], str], memory: logon.Memory, salt: str) -> str:
        try:
            return log_on(self._login.username, self._login.reveal())
        except CredentialRefused as refused:
            self._remember(logon.was_refused(memory, str(refused)), salt)
            raise Stop(
                f"{refused}. It will not be tried again by itself: more failures lock the login.",
                exit_code=Exit.REFUSED,
            ) from None
        except (Locked, Busy) as wait:
            until = self._clock.now() + timedelta(seconds=wait.after or 0)
            locked = isinstance(wait, Locked)
            self._remember(logon.must_wait(memory, until if locked else None), salt)
            raise
        except (Unreachable, Stop):
            self._remember(logon.unsent(memory), salt)
            raise
        except Distrust as odd:
            raise Retry(str(odd)) from None

    def _remember(self, memory: logon.Memory, salt: str) -> None:
        _write_memory(self._folder / MEMORY_FILE, memory, salt)


def forget_refusal(folder: Path) -> bool:
    """A person says that the credential may be tried again; tells whether it was refused."""
    path = folder / MEMORY_FILE
    if not path.is_file():
        return False
    with Lock(folder / "connection.lock").held():
        stored = _read(path)
        memory = _memory(stored)
        forgotten = logon.forget(memory)
        _write_memory(path, forgotten, str(stored.get("salt")))
    return forgotten != memory


def describe(folder: Path) -> dict[str, Any]:
    """Tell, without the id, whether a connection is kept and what stands against a logon."""
    memory = _memory(_read(folder / MEMORY_FILE))
    return {
        "kept": (folder / CONNECTION_FILE).is_file(),
        "refused": memory.refused,
        "no_logon_before": memory.not_before,
    }


def _write_memory(path: Path, memory: logon.Memory, salt: str) -> None:
    until = memory.not_before
    fields = asdict(memory) | {"not_before": until.isoformat() if until else None, "salt": salt}
    write(path, json.dumps(fields).encode())


def _memory(stored: dict[str, Any]) -> logon.Memory:
    until = stored.get("not_before")
    return logon.Memory(
        credential=str(stored.get("credential", "")),
        refused=stored.get("refused"),
        proven=bool(stored.get("proven")),
        unanswered=int(stored.get("unanswered") or 0),
        not_before=datetime.fromisoformat(until) if until else None,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Stop(f"{path} cannot be read: {error}. Delete it if it is damaged.") from None
    return found if isinstance(found, dict) else {}


def _fingerprint(login: Login, salt: str) -> str:
    """Know a credential again without keeping it; slow, so that it cannot be guessed from this."""
    text = f"{login.username}\0{login.reveal()}".encode()
    return hashlib.scrypt(text, salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32).hex()
