"""Files that are whole or absent, also after a power cut, and locks that die with their holder.

Source: C-STORE-2, C-CONN-1, C-KEY-1.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from integration.errors import Retry


def temporary_of(path: Path) -> Path:
    """The name under which `path` is written until it is whole; hidden, in the same folder."""
    return path.with_name(f".{path.name}.new")


@contextmanager
def replacing(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Write a file that takes the place of `path` only when the block has ended well.

    The bytes are on the disk before the name is. Two writers of one path must exclude each other.
    """
    temporary = temporary_of(path)
    temporary.unlink(missing_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with open(os.open(temporary, flags, mode), "w+b") as file:  # noqa: PTH123  the mode must hold from the first byte
            yield file
            sync(file)
        put_in_place(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def put_in_place(temporary: Path, path: Path) -> None:
    """Give a finished file or folder its final name, and make the name last."""
    temporary.replace(path)
    sync_folder(path.parent)


def write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a small file, whole or not at all."""
    with replacing(path, mode=mode) as file:
        file.write(content)


def sync(file: BinaryIO) -> None:
    """Bring what was written to the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for the owner alone; one that is there is left alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


class Lock:
    """A lock between threads and processes, held by an open file; the system frees it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Take the lock, or change from shared to sole and back; tells whether it is ours.

        A change is not one step: another may have held the lock in between. If a change that
        must not wait fails, the lock is lost.
        """
        if self._handle is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._handle = os.open(self._path, flags, 0o600)
        how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(self._handle, how)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno == errno.ENOLCK:
                raise Retry(f"{self._path.parent} is on a file system without locks") from None
            raise
        return True

    def free(self) -> None:
        """Give the lock back."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock alone during the block."""
        self.take()
        try:
            yield
        finally:
            self.free()
