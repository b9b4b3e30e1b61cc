"""spyne 2.14.0, made to import on every Python we run on; all that we use of it.

The rest of the room takes spyne's names from here, so nobody can import it unrepaired. spyne
defines (types, services, WSDL) and serves nothing: its request path has defects that its
types have not.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

# Said by the compiler of spyne's own sources while there is no bytecode of them.
_SAID_OF_SPYNE: Final = ".*invalid escape sequence"


@contextmanager
def _repaired() -> Iterator[None]:
    """Within this, spyne imports without a warning."""
    _preload_six()
    own_cgi = sys.modules.get("cgi")
    sys.modules["cgi"] = _small_cgi()
    try:
        with warnings.catch_warnings():
            for category in (SyntaxWarning, DeprecationWarning):
                warnings.filterwarnings("ignore", _SAID_OF_SPYNE, category)
            yield
    finally:
        del sys.modules["cgi"]
        if own_cgi is not None:
            sys.modules["cgi"] = own_cgi


def _preload_six() -> None:
    """Load spyne's copy of six; its importer lacks what Python 3.12 asks for, find_spec."""
    spyne = importlib.util.find_spec("spyne")  # finds, does not import
    if spyne is None or spyne.origin is None:
        msg = "spyne is not installed"
        raise ImportError(msg)
    path = Path(spyne.origin).parent / "util" / "six.py"
    spec = importlib.util.spec_from_file_location("spyne.util.six", path)
    if spec is None or spec.loader is None:
        msg = "spyne has no copy of six; version 2.14.0 has"
        raise ImportError(msg)
    six = importlib.util.module_from_spec(spec)
    sys.modules["spyne.util.six"] = six
    spec.loader.exec_module(six)
    six.__path__ = []  # a package, for the modules under six.moves
    importer = six._SixMetaPathImporter  # noqa: SLF001  it is what has to be repaired
    importer.find_spec = _find_spec
    importer.create_module = lambda self, spec: self.load_module(spec.name)
    importer.exec_module = lambda _self, _module: None


def _find_spec(self: Any, fullname: str, _path: object = None, _target: object = None) -> Any:
    known = fullname in self.known_modules
    return ModuleSpec(fullname, self) if known else None


def _small_cgi() -> ModuleType:
    """Stand in for cgi, gone in Python 3.13, with the one function that spyne takes from it."""
    cgi = ModuleType("cgi")

    def parse_header(line: str) -> tuple[str, dict[str, str]]:
        message = Message()
        message["content-type"] = line
        first, *rest = message.get_params() or [("", "")]
        return first[0], dict(rest)

    cgi.parse_header = parse_header  # type: ignore[attr-defined]  # a module made by hand
    return cgi


# spyne logs requests, passwords and all.
logging.getLogger("spyne").setLevel(logging.CRITICAL + 1)

with _repaired():
    import spyne.const
    from spyne import (
        Application,
        Array,
        Boolean,
        ByteArray,
        ComplexModel,
        DateTime,
        Integer32,
        Integer64,
        ServiceBase,
        Unicode,
        rpc,
    )
    from spyne.interface.wsdl import Wsdl11
    from spyne.model.complex import ComplexModelBase
    from spyne.model.enum import Enum, EnumBase
    from spyne.protocol.soap import Soap11

# spyne would collect garbage once a second in the middle of requests.
spyne.const.MIN_GC_INTERVAL = float("inf")

__all__ = [
    "Application",
    "Array",
    "Boolean",
    "ByteArray",
    "ComplexModel",
    "ComplexModelBase",
    "DateTime",
    "Enum",
    "EnumBase",
    "Integer32",
    "Integer64",
    "ServiceBase",
    "Soap11",
    "Unicode",
    "Wsdl11",
    "rpc",
]
