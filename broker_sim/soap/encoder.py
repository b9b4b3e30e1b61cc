"""Answers written by generated code: one f-string per type, over attributes of any object.

An answer is read off its spyne type once, at start-up; a property compares each with what
spyne's own serialiser gives for the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from broker_sim.contract import limits
from broker_sim.contract.kinds import Kind
from broker_sim.soap import lexical
from broker_sim.soap.shapes import Group, Leaf, Many, Member, Shape, Words

# Only a whole number knows this; `:d` would refuse the same values, and take half as long again.
_WHOLE: Final = "{} | 0"
# What stands in the braces of the f-string for a value of that kind.
_LEAVES: Final[Mapping[Kind, str]] = {
    Kind.ID: _WHOLE,
    Kind.COUNT: _WHOLE,
    Kind.POSITION: _WHOLE,
    Kind.SECONDS: _WHOLE,
    Kind.MINUTES: _WHOLE,
    Kind.BYTES: _WHOLE,
    Kind.FLAG: "FLAG[{}]",
    Kind.INSTANT: "instant({})",
    Kind.BINARY: "binary({})",
}
_INSTANT: Final = Leaf(Kind.INSTANT)
# Most texts hold nothing to escape, which is seen without a call of ours, and in half of the time
# that a pattern takes. A value is got once, `{value}`, and then known as `{known}`.
_PLAIN: Final = (
    "({value}).isascii() and {known}.isprintable()"
    " and LT not in {known} and AMP not in {known} and GT not in {known}"
)
_TEXTS: Final[Mapping[Kind, str]] = {
    Kind.TEXT: f"({{known}} if {_PLAIN} else text({{known}}))",
    Kind.NAME: (
        f"({{known}} if {_PLAIN} and 0 < len({{known}}) <= {limits.NAME_MAX} else name({{known}}))"
    ),
}


@dataclass(frozen=True, slots=True)
class Fragment:
    """The element of an answer's value as it stands on the wire: UTF-8, no prefixes."""

    xml: bytes


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one message.

    Attributes:
        head: what stands before the members.
        inner: writes the members of an object, or the one value of an answer.
        tail: what stands behind them.
    """

    head: bytes
    inner: Callable[[Any], str]
    tail: bytes

    def __call__(self, value: object) -> bytes:
        """Write the message with `value`, which may be a `Fragment`.

        Raises:
            Exception: the value is not what the contract says it is.
        """
        inner = value.xml if isinstance(value, Fragment) else self.inner(value).encode()
        return b"%b%b%b" % (self.head, inner, self.tail)

    def fragment(self, value: object) -> Fragment:
        """Write the value alone, to be kept and given instead of it."""
        return Fragment(self.inner(value).encode())


class Encoder:
    """Makes writers; a type that several messages share is generated once."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {
            "AMP": "&",
            "binary": lexical.write_binary,
            "FLAG": {True: "true", False: "false"},
            "GT": ">",
            "instant": lexical.write_instant,
            "instants": lexical.write_instants,
            "join": "".join,
            "LT": "<",
            "name": lexical.write_name,
            "text": lexical.write_text,
        }

    def of_object(self, message: Group) -> Writer:
        """Make the writer of a message whose members are attributes of one object."""
        return self._writer(message, self._members(message, "o"))

    def of_value(self, message: Group) -> Writer:
        """Make the writer of an answer: of its one member the value, or of nothing at all."""
        inner = "".join(self._optional(member, "o") for member in message.members)
        return self._writer(message, inner)

    def _writer(self, message: Group, inner: str) -> Writer:
        function = self._function(f"write_{message.name}_message", f'f"""{inner}"""')
        head = f'<{message.name} xmlns="{limits.NAMESPACE}">'
        return Writer(head.encode(), function, f"</{message.name}>".encode())

    def _function(self, name: str, returned: str) -> Callable[[Any], str]:
        """Generate a function of `o` from the expression that it returns."""
        code = compile(f"def {name}(o):\n    return {returned}\n", f"<generated {name}>", "exec")
        exec(code, self._names)  # noqa: S102  names and words of the contract, checked by shapes
        made: Callable[[Any], str] = self._names[name]
        return made

    def _members(self, group: Group, of: str, written: Sequence[Member] = ()) -> str:
        """Give the members' elements; of those in `written`, `_text(member)` is the content."""
        return "".join(
            _tagged(member, _text(member)) if member in written else self._attribute(member, of)
            for member in group.members
        )

    def _items(self, item: str, of: Shape) -> str:
        """Give the expression that writes the list `o`; the instants in it are written at once."""
        if isinstance(of, Group):
            times = [one for one in of.members if one.shape == _INSTANT and not one.optional]
            inner = self._members(of, "i", times)
        else:
            times, inner = [], f"{{{self._expression(of, 'i')}}}"
        each = f'f"""<{item}>{inner}</{item}>"""'
        if not times:
            return f"join([{each} for i in o])"
        names = ", ".join(map(_text, times))
        lists = ", ".join(f"instants([i.{one.name} for i in o])" for one in times)
        return f"join([{each} for i, {names} in zip(o, {lists}, strict=True)])"

    def _attribute(self, member: Member, of: str) -> str:
        if not member.optional:
            return self._element(member, f"{of}.{member.name}")
        return self._optional(member, f"(v := {of}.{member.name})")

    def _optional(self, member: Member, value: str) -> str:
        if not member.optional:
            return self._element(member, value)
        bound = "v" if ":=" in value else value
        return f"{{'' if {value} is None else f'{self._element(member, bound)}'}}"

    def _element(self, member: Member, value: str) -> str:
        return _tagged(member, self._expression(member.shape, value))

    def _expression(self, shape: Shape, value: str) -> str:
        """Give what stands in the braces; no quotes but those of one nested f-string."""
        match shape:
            case Leaf(kind) if kind in _TEXTS:
                if value.isidentifier():
                    return _TEXTS[kind].format(value=value, known=value)
                return _TEXTS[kind].format(value=f"t := {value}", known="t")
            case Leaf(kind):
                return _LEAVES[kind].format(value)
            case Words(name, words):
                self._names[f"words_{name}"] = {word: word for word in words}
                return f"words_{name}[{value}]"
            case Many(item, of):
                function = f"write_{item}_items"
                self._function(function, self._items(item, of))
                return f"{function}({value})"
            case Group(name):
                function = f"write_{name}"
                if function not in self._names:
                    self._function(function, f'f"""{self._members(shape, "o")}"""')
                return f"{function}({value})"


def _tagged(member: Member, expression: str) -> str:
    return f"<{member.wire}>{{{expression}}}</{member.wire}>"


def _text(member: Member) -> str:
    """Name the variable that has a member's text already."""
    return f"text_of_{member.name}"
