"""An answer in another dress: other bytes that mean the same, within contract, SOAP and XML.

What each name does, and the bug it finds, is told in `core/hostility.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lxml import etree

from broker_sim.contract import limits
from broker_sim.contract.kinds import Kind
from broker_sim.core.dice import Dice
from broker_sim.service.exchange import Answer
from broker_sim.soap.compiled import Compiled
from broker_sim.soap.dressing import Dressing
from broker_sim.soap.envelope import SOAP11, SOAP12, Version
from broker_sim.soap.nodes import XML, XSI, Node, read

_STRANGE: Final = "urn:example:trace"
_NUMBERS: Final = frozenset(
    {Kind.ID, Kind.COUNT, Kind.POSITION, Kind.SECONDS, Kind.MINUTES, Kind.BYTES}
)
_LINE: Final = 20
_CHARSETS: Final[Mapping[bool, tuple[str, str]]] = {
    False: ("UTF-8", "utf-8"),
    True: ("UTF-16", "utf-16"),
}
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True)


def disguised(
    answer: Answer, version: Version, compiled: Compiled, names: frozenset[str], dice: Dice
) -> Answer:
    """Give an answer of ours in another dress.

    Args:
        answer: as the compiled path has written it.
        version: of SOAP, which it is in.
        compiled: the endpoint; knows what stands in it.
        names: which provocations to use.
        dice: decide between the ways.
    """
    if version is SOAP11 and answer.status != 200:
        # zeep 4.3 looks for faultcode and detail in the default namespace, where they are not
        names -= {"default-namespace"}
    envelope = read(etree.fromstring(answer.body, _PARSER), compiled.groups)
    _Play(version, compiled, names, dice).change(envelope)
    encoding, charset = _CHARSETS["utf-16" in names]
    text = Dressing(names, dice).document(envelope, encoding)
    marked = "bom" in names and charset == "utf-8"
    body = text.encode("utf-8-sig" if marked else charset)
    said = _content_type(version.media_type, charset, dice, odd="content-type" in names)
    others = tuple(pair for pair in answer.headers if pair[0] != "Content-Type")
    return Answer(answer.status, (("Content-Type", said), *others), body)


def _content_type(media: str, charset: str, dice: Dice, *, odd: bool) -> str:
    if not odd:
        return f"{media}; charset={charset}"
    ways = (
        f'{media}; charset="{charset}"',
        f"{media};charset={charset.upper()}",
        f"{media.title()} ; Charset={charset}",
    )
    return dice.pick(ways)


class _Play:
    """Changes the nodes of one answer in what means nothing."""

    def __init__(
        self, version: Version, compiled: Compiled, names: frozenset[str], dice: Dice
    ) -> None:
        self._version = version
        self._compiled = compiled
        self._names = names
        self._dice = dice

    def change(self, envelope: Node) -> None:
        """Change a whole envelope."""
        (body,) = (one for one in envelope.children if one.name[1] == "Body")
        fault = body.child("Fault")
        if fault is not None and "fault-parts" in self._names:
            self._add_fault_parts(fault)
        for child in body.children:
            self._change_values(child)
        if "header" in self._names:
            self._add_header(envelope)
        if "attributes" in self._names:
            for node in (envelope, body):
                node.attributes[_STRANGE, "seen"] = "<&\"'\n"

    def _change_values(self, node: Node) -> None:
        if "types" in self._names and node.group in self._compiled.records:
            node.attributes[XSI, "type"] = (limits.NAMESPACE, node.group)
        if node.kind is not None and "lexical" in self._names and isinstance(node.text, str):
            node.text = self._otherwise(node.kind, node.text)
        for child in node.children:
            loose = (node.group, child.name[1]) in self._compiled.loose
            if loose and "shuffled" in self._names:
                child.children = self._dice.shuffled(child.children)
            self._change_values(child)

    def _otherwise(self, kind: Kind, text: str) -> str:
        """Write a value otherwise, as XML Schema allows; texts stay as they are."""
        pick = self._dice.pick
        if kind in _NUMBERS:
            text = pick((text, f"+{text}", f"00{text}"))
        elif kind is Kind.FLAG:
            text = pick((text, "1" if text == "true" else "0"))
        elif kind is Kind.INSTANT:
            return self._instant(text)  # libxml2 takes no blanks around one, though it should
        elif kind is Kind.BINARY:
            size = pick((len(text) + 1, _LINE))
            text = "\n".join(text[at : at + size] for at in range(0, len(text), size))
        else:
            return text
        return pick((text, f" {text} ", f"\n\t{text}"))

    def _instant(self, text: str) -> str:
        whole, _, fraction = text.removesuffix("Z").partition(".")
        fewer = fraction.rstrip("0")
        written = self._dice.pick((fraction, fewer, f"{fraction}000"))
        zone = self._dice.pick(("Z", "+00:00", "-00:00"))
        return f"{whole}.{written}{zone}" if written else f"{whole}{zone}"

    def _add_header(self, envelope: Node) -> None:
        header = envelope.child("Header")
        if header is None:
            header = Node((self._version.namespace, "Header"))
            envelope.children.insert(0, header)
        block = Node((_STRANGE, "Trace"), text=f"{self._dice.below(10**9)}")
        if self._dice.one_in(2):
            no = self._dice.pick(("0", "false")) if self._version is SOAP12 else "0"
            block.attributes[self._version.namespace, "mustUnderstand"] = no
        header.children.append(block)

    def _add_fault_parts(self, fault: Node) -> None:
        if self._version is SOAP11:
            place = next(n for n, one in enumerate(fault.children) if one.name[1] == "faultstring")
            actor = Node(("", "faultactor"), text=limits.NAMESPACE)
            fault.children.insert(place + 1, actor)
            return
        soap = self._version.namespace
        reason = fault.child("Reason")
        assert reason is not None
        second = Node((soap, "Text"), {(XML, "lang"): "de"}, "Das ging nicht.")
        reason.children.insert(self._dice.below(2), second)
        role = Node((soap, "Role"), text=f"{soap}/role/ultimateReceiver")
        fault.children.insert(fault.children.index(reason) + 1, role)
