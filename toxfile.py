"""Tox: environments that install the same share a folder, so that it is filled once.

`bin/test`, `bin/test -e foreign` and so on all run in the folder of their Python's tests. Tox by
itself would fill it anew whenever it was another environment's; here an environment is no more
than its commands. What is to be installed is compared as ever.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tox.config.loader.memory import MemoryLoader
from tox.plugin import impl
from tox.tox_env.info import Info
from tox.tox_env.python.virtual_env.runner import VirtualEnvRunner
from tox.tox_env.register import ToxEnvRegister

_WHOSE: Final = "ToxEnv"  # the section of a folder's notes that names an environment
_NAMES_A_PYTHON: Final = re.compile(r"py\d+")
_OWN: Final = "py{}{}".format(*sys.version_info)  # what runs where no Python is named


class _SharedInfo(Info):
    """What a folder was filled with, whichever environment it was for."""

    @contextmanager
    def compare(
        self, value: Any, section: str, sub_section: str | None = None
    ) -> Iterator[tuple[bool, Any | None]]:
        """Compare with what is noted, and note it, under one name for all."""
        if section == _WHOSE:
            value = {**value, "name": "shared"}
        with super().compare(value, section, sub_section) as found:
            yield found


class SharedRunner(VirtualEnvRunner):
    """An environment that goes on with what another one has installed in its folder."""

    @staticmethod
    def id() -> str:
        """Give the name that tox.ini calls it by: `runner = shared`."""
        return "shared"

    def register_config(self) -> None:
        """Put an environment that names no Python into the folder of tox's own."""
        if not _NAMES_A_PYTHON.fullmatch(self.conf.name or ""):
            folder = self.core.get("work_dir", Path) / _OWN
            self.conf.loaders.insert(0, MemoryLoader(env_dir=folder))
        super().register_config()

    @property
    def cache(self) -> Info:
        """Give what the folder was filled with."""
        return _SharedInfo(self.env_dir)


@impl
def tox_register_tox_env(register: ToxEnvRegister) -> None:
    """Make the runner known."""
    register.add_run_env(SharedRunner)
