"""Nodes written as XML in one of the many ways that mean the same.

What is drawn is left to dice and to the names of provocations; what comes out has the same
infoset as what went in, the same prefixes of names in texts resolved, nothing added that a parser
would report as content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from broker_sim.core.dice import Dice
from broker_sim.soap.lexical import write_text
from broker_sim.soap.nodes import XML, Name, Node

_PREFIXES: Final = (
    "soap",
    "s",
    "S",
    "SOAP-ENV",
    "env",
    "ns0",
    "tns",
    "a",
    "_",
    "x.y-z",
    "ünlü",
    "m",
)
_BLANKS: Final = ("", "\n", "\n  ", " ", "\t", "\r\n    ", "\n\n")
_COMMENTS: Final = ("<!---->", "<!-- </Body> -->", "<!-- & < ]]> -->", "<!-- é -->", "<!--x-->")

Scope = Mapping[str, str]  # namespace by prefix; the empty prefix is the default


class Dressing:
    """Writes one message.

    Args:
        names: which provocations to use.
        dice: decide between the ways.
    """

    def __init__(self, names: frozenset[str], dice: Dice) -> None:
        self._names = names
        self._dice = dice

    def document(self, root: Node, encoding: str) -> str:
        """Write a whole document."""
        head = f'<?xml version="1.0" encoding="{encoding}"?>\n'
        if "declaration" in self._names:
            head = self._dice.pick(_declarations(encoding))
        before, behind = self._between(), self._between()
        written = self._element(root, {"xml": XML, "": ""})
        return f"{head}{before}{written}{behind}"

    def _element(self, node: Node, scope: Scope) -> str:
        scope, declared = self._declare(node, dict(scope))
        tag = self._qualified(node.name, scope)
        attributes = [
            (self._qualified(name, scope, attribute=True), self._said(value, scope))
            for name, value in node.attributes.items()
        ]
        head = tag + self._attributes([*declared, *attributes])
        inner = self._inner(node, scope)
        gap = self._dice.pick(("", " ", "\n")) if "quotes" in self._names else ""
        if not inner and "empty-elements" in self._names and self._dice.one_in(2):
            return f"<{head}{gap}/>"
        return f"<{head}{gap}>{inner}</{tag}{gap}>"

    def _inner(self, node: Node, scope: Scope) -> str:
        if not node.children:
            return self._text(self._said(node.text, scope))
        parts = []
        for child in node.children:
            parts += [self._between(), self._element(child, scope)]
        return "".join([*parts, self._between()])

    def _said(self, value: str | Name, scope: Scope) -> str:
        """Give a text; of a qualified name what stands for it in this scope."""
        return value if isinstance(value, str) else self._qualified(value, scope, attribute=True)

    # Namespaces

    def _declare(self, node: Node, scope: dict[str, str]) -> tuple[Scope, list[tuple[str, str]]]:
        """Declare what the node needs and has not, and now and then what it has."""
        declared: dict[str, str] = {}
        namespace = node.name[0]
        if not namespace:
            if scope[""]:
                declared[""] = ""
        elif namespace not in scope.values() or self._again():
            declared[self._new_prefix(namespace, {**scope, **declared}, default=True)] = namespace
        scope.update(declared)
        qualified = [*node.attributes, *_names_in(node)]
        for needed, _ in qualified:
            if needed and needed not in [scope[prefix] for prefix in scope if prefix]:
                prefix = self._new_prefix(needed, scope, default=False)
                declared[prefix] = scope[prefix] = needed
        return scope, [
            (f"xmlns:{prefix}" if prefix else "xmlns", uri) for prefix, uri in declared.items()
        ]

    def _again(self) -> bool:
        freely = "prefixes" in self._names or "default-namespace" in self._names
        return freely and self._dice.one_in(6)

    def _new_prefix(self, namespace: str, scope: Scope, *, default: bool) -> str:
        """Choose a prefix that hides none; the empty one makes the default namespace."""
        if default and ("default-namespace" in self._names) and self._dice.one_in(2):
            return ""
        payload = namespace.startswith("urn:broker-sim")
        if default and "prefixes" not in self._names and payload:
            return ""
        usual = "soap" if "soap" in namespace else "n"
        known = _PREFIXES if "prefixes" in self._names else (usual,)
        free = [prefix for prefix in known if prefix not in scope]
        if free:
            return self._dice.pick(free)
        return next(name for nth in range(99) if (name := f"p{nth}") not in scope)

    def _qualified(self, name: Name, scope: Scope, *, attribute: bool = False) -> str:
        namespace, local = name
        if not namespace:
            return local
        bound = [
            prefix
            for prefix, known in scope.items()
            if known == namespace and (prefix or not attribute)
        ]
        prefix = self._dice.pick(bound) if "prefixes" in self._names else bound[-1]
        return f"{prefix}:{local}" if prefix else local

    def _attributes(self, attributes: Sequence[tuple[str, str]]) -> str:
        odd = "quotes" in self._names
        order = self._dice.shuffled(attributes) if odd else attributes
        return "".join(self._attribute(name, value, odd=odd) for name, value in order)

    def _attribute(self, name: str, value: str, *, odd: bool) -> str:
        escaped = write_text(value).replace("\n", "&#10;").replace("\t", "&#9;")
        if odd and self._dice.one_in(2):
            blank = self._dice.pick((" ", "\n", "  "))
            return f"{blank}{name} = '{escaped.replace(chr(39), '&apos;')}'"
        return f' {name}="{escaped.replace(chr(34), "&quot;")}"'

    # What stands between tags

    def _between(self) -> str:
        """Give what no parser reports: blanks and comments between elements."""
        blank = self._dice.pick(_BLANKS) if "whitespace" in self._names else ""
        if "comments" in self._names and self._dice.one_in(3):
            return f"{blank}{self._dice.pick(_COMMENTS)}"
        return blank

    def _text(self, text: str) -> str:
        """Write a text as one, two or three pieces, each in its own way."""
        if not text:  # not even an empty CDATA section may stand where the schema wants nothing
            return self._dice.pick(("", *_COMMENTS)) if "comments" in self._names else ""
        pieces = [text]
        if {"cdata", "comments", "references"} & self._names and self._dice.one_in(2):
            cuts = sorted(self._dice.below(len(text) + 1) for _ in range(2))
            pieces = [text[: cuts[0]], text[cuts[0] : cuts[1]], text[cuts[1] :]]
        seam = self._dice.pick(_COMMENTS) if len(pieces) > 1 and "comments" in self._names else ""
        return seam.join(map(self._piece, pieces))

    def _piece(self, piece: str) -> str:
        # a carriage return in a CDATA section would be read as a line feed
        may_be_cdata = "]]>" not in piece and "\r" not in piece
        if "cdata" in self._names and may_be_cdata and self._dice.one_in(2):
            return f"<![CDATA[{piece}]]>"
        if "references" in self._names:
            return "".join(map(self._letter, piece))
        return write_text(piece)

    def _letter(self, letter: str) -> str:
        if not self._dice.one_in(3):
            return write_text(letter)
        number = ord(letter)
        return self._dice.pick((f"&#{number};", f"&#x{number:x};", f"&#x{number:04X};"))


def _names_in(node: Node) -> list[Name]:
    values = [*node.attributes.values(), node.text]
    return [value for value in values if not isinstance(value, str)]


def _declarations(encoding: str) -> tuple[str, ...]:
    # without one, UTF-16 is known by its mark
    return (
        "",
        f"<?xml version='1.0' encoding='{encoding}'?>",
        f'<?xml version="1.0" encoding="{encoding.lower()}"?>',
        f'<?xml version="1.0" encoding="{encoding}" standalone="yes"?>\n',
        '<?xml version="1.0"?>\n\n',
    )
