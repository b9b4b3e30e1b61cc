"""What is drawn: values from the contract's kinds, and situations from its numbers."""

from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract.kinds import Choice, Field, Kind, Record

# Texts that encoders, databases and pages like to get wrong; all of them are legal XML.
AWKWARD_TEXTS: Final = (
    "<b>&amp;</b>",
    "]]>",
    "<![CDATA[x]]>",
    "a\rb",
    "a\r\nb\nc",
    "\tleading and trailing \n ",
    "  two  spaces  ",
    "line\u0085next\u2028sep",
    "\U0001f600 \U00010348",
    "e\u0301 \u00e9",
    "\u202eright to left",
    "$Nickname?",
    "&#13;&lt;",
    "'; DROP TABLE session; --",
    '"quoted" \\ back',
    "\ufeffmark",
    "\u00a0",
    "{0} %s ${x}",
    "\ud7ff\ue000\ufffd",
)
# Characters that XML 1.0 forbids, as JSON can carry them.
FORBIDDEN_TEXTS: Final = ("a\x00b", "a\x01b", "\x0b", "\x1f", "x\ufffe", "\uffff", "\ud800")

_XML_CHARACTERS: Final = st.one_of(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
    st.sampled_from("\t\n\r<>&\"' "),
)
texts: Final = st.one_of(st.sampled_from(AWKWARD_TEXTS), st.text(_XML_CHARACTERS, max_size=40))
some_text: Final = texts.filter(lambda text: bool(text.strip()))
labels: Final = st.one_of(st.none(), texts)
entries: Final[st.SearchStrategy[list[dict[str, Any]]]] = st.lists(
    st.fixed_dictionaries({"label": labels, "value": texts}), max_size=4
)

# Either side of an edge, never "some minutes".
EDGES: Final = (-1, 0, 1)
edges: Final = st.sampled_from(EDGES).map(lambda count: timedelta(milliseconds=count))
pauses: Final = st.sampled_from((0, 1, 999, 1_000, 59_999, 60_000, 60_001, 61_234)).map(
    lambda count: timedelta(milliseconds=count)
)

_WRONG: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.NAME: ("", "x" * 300),
    Kind.ID: ("-1", "0", "abc", "", "9" * 30, "1.5"),
    Kind.COUNT: ("-1", "abc", "", "9" * 30),
    Kind.POSITION: ("-1", "abc", "", "9" * 30),
    Kind.INSTANT: ("yesterday", "", "2030-13-01T00:00:00Z", "2030-01-01", "2030-02-30T00:00:00Z"),
}


def wrong_values(field: Field) -> tuple[Any, ...]:
    """Give values that a field must refuse, written as they stand; none if it takes any."""
    if isinstance(field.type, Choice):
        return ("Nonsense", "", field.type.words[0].lower())
    if isinstance(field.type, Record) or field.many:
        return ()
    return _WRONG.get(field.type, ())
