"""The hostile profile: what a broker may do at any time without breaking its contract.

Each provocation is one liberty that the contract, XML, SOAP or HTTP gives, and the mistake of
a client that it finds. What a broker may not do is no provocation: processing instructions and
document types are forbidden by SOAP 1.1 (section 3) and SOAP 1.2 (part 1, section 5), and
`xsi:nil` is only for elements that the schema calls nillable, of which it has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from broker_sim.contract import limits
from broker_sim.core.dice import Dice

PAGE_LEAST: Final = 2
PAGE_MOST: Final = 9
_LATE_MOST_SECONDS: Final = 15 * 60


@dataclass(frozen=True, slots=True)
class Provocation:
    """One liberty.

    Attributes:
        name: switches it on alone.
        does: what a client meets.
        finds: the mistake that stumbles over it.
        one_in: in the whole profile, how often an answer has it.
    """

    name: str
    does: str
    finds: str
    one_in: int = 2


IN_ANSWERS: Final = (
    Provocation(
        "prefixes",
        "other namespace prefixes for envelope and payload, declared in other places",
        "looks for `soap:Body` as a text, or knows elements by their prefix",
    ),
    Provocation(
        "default-namespace",
        "the default namespace is the envelope's, or begins and ends further inside;"
        " not in a fault of SOAP 1.1, of which zeep 4.3 would then find neither code nor detail",
        "takes what has no prefix for an element of the payload",
    ),
    Provocation(
        "quotes",
        "attributes in another order, in single quotes, blanks before the `>`",
        "reads attributes with a pattern",
    ),
    Provocation(
        "cdata",
        "texts, or parts of them, in CDATA sections",
        "takes the first text node for the whole, or shows `<![CDATA[` to a person",
    ),
    Provocation(
        "references",
        "characters as decimal or hexadecimal references",
        "decodes five entities by hand and no `&#x41;`",
    ),
    Provocation(
        "whitespace",
        "blanks and line ends between elements, none of it in a text",
        "takes the first child node for the first element",
    ),
    Provocation(
        "comments",
        "comments between elements, in texts, before and behind the envelope",
        "reads a text up to the first comment: a question or a user name cut short",
    ),
    Provocation(
        "declaration",
        "no XML declaration, or one in single quotes, in lower case, or with `standalone`",
        "cuts off the first line, or wants `UTF-8` in capitals",
    ),
    Provocation(
        "bom",
        "a byte order mark before everything",
        "`Content is not allowed in prolog`",
        4,
    ),
    Provocation(
        "utf-16",
        "the answer in UTF-16, as its Content-Type says",
        "decodes bytes as UTF-8 before the parser sees them",
        8,
    ),
    Provocation(
        "content-type",
        "the same Content-Type in other letters: no blank, a quoted charset, capitals",
        "compares the header with one text",
    ),
    Provocation(
        "empty-elements",
        "`<a/>` and `<a></a>` for one another",
        "finds null in the one and an empty text in the other",
    ),
    Provocation(
        "lexical",
        "the same value otherwise written: `+7`, `007`, `1` for true, `+00:00` for `Z`,"
        " more or fewer digits of a second, blanks around numbers, base64 on several lines",
        "compares texts where it should compare values, or reads instants with one pattern",
    ),
    Provocation(
        "types",
        "`xsi:type` on records, naming the type that they have anyhow",
        "rejects attributes that it did not expect, or believes a prefix to be `tns`",
    ),
    Provocation(
        "header",
        "a SOAP Header with a block that nobody must understand",
        "takes the first child of the envelope for the Body",
    ),
    Provocation(
        "attributes",
        "attributes of other namespaces on Envelope and Body",
        "rejects them, or takes them for its own",
    ),
    Provocation(
        "fault-parts",
        "a fault's optional parts: `faultactor`; in SOAP 1.2 a reason in a second language, `Role`",
        "takes the last child of a fault for its detail, or the only text for the reason",
    ),
    Provocation(
        "shuffled",
        "lists whose order the contract does not promise, in another order each time",
        "compares what it stored list by list, or knows a sub-portal by its place",
    ),
)
IN_THE_WORLD: Final = (
    Provocation(
        "small-pages",
        f"a pageMax of {PAGE_LEAST} to {PAGE_MOST}, told by getPortal and kept to",
        "stops at the first page that is shorter than what it asked for",
    ),
    Provocation(
        "late-recordings",
        "a recording that is ready up to fifteen minutes after its session's end",
        "asks for files once, right at the end, and stores a session without them for good",
    ),
    Provocation(
        "late-surveys",
        "a survey that arrives up to fifteen minutes after the customer has answered it",
        "stores a session once, and never again",
    ),
    Provocation(
        "no-replay-urls",
        "no remoteReplayUrl and localReplayUrl: both are optional, even where there are recordings",
        "fails where an optional element that was always there is missing",
    ),
)
ALL: Final = (*IN_ANSWERS, *IN_THE_WORLD)
BY_NAME: Final = {one.name: one for one in ALL}


@dataclass(frozen=True, slots=True)
class Profile:
    """Which provocations are on; `whole` where all are, each by its odds."""

    seed: int
    names: frozenset[str]
    whole: bool

    def drawn(self, dice: Dice) -> frozenset[str]:
        """Give the provocations of one answer: those that were named, or by their odds."""
        found = [one for one in IN_ANSWERS if one.name in self.names]
        return frozenset(one.name for one in found if not self.whole or dice.one_in(one.one_in))


def profile(seed: int, only: Iterable[str] | None = None) -> Profile:
    """Give the whole profile, or the named provocations.

    Raises:
        ValueError: there is no provocation of a name.
    """
    names = tuple(BY_NAME) if only is None else tuple(only)
    for name in names:
        if name not in BY_NAME:
            msg = f"'only' must name provocations ({', '.join(BY_NAME)}); not {name!r}"
            raise ValueError(msg)
    return Profile(seed, frozenset(names), only is None)


@dataclass(frozen=True, slots=True)
class Manners:
    """What a broker does within its contract, by seed.

    Attributes:
        page_max: how many ids or updates a page has at most.
        late_recordings: recordings take longer than they need.
        late_surveys: surveys take a while to arrive.
        no_replay_urls: sessions do not tell where they can be replayed.
    """

    page_max: int = limits.PAGE_MAX
    late_recordings: bool = False
    late_surveys: bool = False
    no_replay_urls: bool = False
    seed: int = 0

    def recording_takes(self, session_id: int) -> timedelta:
        """Tell how long after its end a session's recording is ready."""
        return limits.RECORDING_TAKES + self._late(self.late_recordings, "recording", session_id)

    def survey_takes(self, session_id: int) -> timedelta:
        """Tell how long after it was answered a session's survey arrives."""
        return self._late(self.late_surveys, "survey", session_id)

    def _late(self, is_late: bool, what: str, session_id: int) -> timedelta:
        if not is_late:
            return timedelta(0)
        return timedelta(seconds=1 + Dice(self.seed, what, session_id).below(_LATE_MOST_SECONDS))


PLAIN: Final = Manners()


def manners(of: Profile | None) -> Manners:
    """Give what a profile changes in the world."""
    if of is None:
        return PLAIN
    page = PAGE_LEAST + Dice(of.seed, "page").below(PAGE_MOST - PAGE_LEAST + 1)
    return Manners(
        page if "small-pages" in of.names else limits.PAGE_MAX,
        "late-recordings" in of.names,
        "late-surveys" in of.names,
        "no-replay-urls" in of.names,
        of.seed,
    )
