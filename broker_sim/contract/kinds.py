"""The words in which the contract is written: kinds, records, fields, faults, operations.

Data only. From these come the SOAP services, the WSDL, the rules chapter of the manual
and the strategies of the suites.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Kind(Enum):
    """What a single value is, on the wire and in Python."""

    TEXT = "text"  # any Unicode that XML allows; str
    NAME = "name"  # a short text, 1 to 255 characters; str
    ID = "id"  # a positive 64-bit number; int
    COUNT = "count"  # 0 or more, 32 bits; int
    POSITION = "position"  # 0 or more, 64 bits: a place in a growing log; int
    SECONDS = "seconds"  # whole seconds, 0 or more; int
    MINUTES = "minutes"  # whole minutes, 0 or more; int
    BYTES = "bytes"  # a size, 0 or more, 64 bits; int
    FLAG = "flag"  # true or false; bool
    INSTANT = "instant"  # UTC, to the millisecond; aware datetime
    BINARY = "binary"  # base64 on the wire; bytes


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words; the same words on the wire and in Python."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A named group of fields."""

    name: str
    fields: tuple[Field, ...]


Type: TypeAlias = Kind | Choice | Record


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a message.

    Attributes:
        wire: its name on the wire, camelCase.
        name: its name in Python, snake_case.
        type: what it is.
        optional: may be absent; absent is None in Python. An empty text is not absent.
        many: a list, wrapped in an element of the field's name; never absent, may be empty.
        doc: what it means, units included.
        any_order: a list that is in no order: it may come otherwise each time.
    """

    wire: str
    name: str
    type: Type
    optional: bool = False
    many: bool = False
    doc: str = ""
    any_order: bool = False


class Retry(Enum):
    """What a caller may do after a fault."""

    NEVER = "no"
    AFTER_WAIT = "after the time it names"
    LOGON_AGAIN = "log on again once"
    AFTER_END = "after one ends"
    CORRECTED = "with corrected arguments"
    LATER = "yes"


@dataclass(frozen=True, slots=True)
class Fault:
    """One refusal: its code, a sentence a person can act on, and typed fields beside them.

    `text` may name the extra fields in braces; they are filled in when the fault is raised.
    """

    code: str
    text: str
    retry: Retry
    extra: tuple[Field, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: what it takes, what it gives, how it may refuse.

    Attributes:
        name: its name on the wire, camelCase.
        handler: the name of the function in the service room, snake_case.
        takes: the arguments, in order.
        gives: the answer; None for an empty one.
        faults: every refusal it can give, beyond those every operation can.
        rules: ids of the requirements it keeps.
    """

    name: str
    handler: str
    doc: str
    takes: tuple[Field, ...]
    gives: Field | None
    faults: tuple[Fault, ...]
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One SOAP service at one path."""

    name: str
    path: str
    doc: str
    operations: tuple[Operation, ...]
