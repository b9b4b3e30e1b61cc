"""What a portal asks its customers: the fields of its SmartBox form and of its survey.

Source: PORTAL-1, PORTAL-2, PORTAL-5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from broker_sim.core.record import Labelled

QUESTION = "Question"
# What the fields of a launch mean that are no SmartBox entries, in lower case.
RESERVED = frozenset(
    {
        "portal", "subportal", "question", "code", "representative", "referenceid", "locale",
        "template", "form", "javascript", "target", "querykey", "token", "text", "_charset_",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a SmartBox form.

    Attributes:
        name: by which a launch carries it; upper and lower case are one.
        label: of the SmartBox entry, and on the page.
        required: nothing is queued without it.
        seen: it is on the page; an unseen one comes from the launcher only.
    """

    name: str
    label: str
    required: bool = False
    seen: bool = True


@dataclass(frozen=True, slots=True)
class SurveyField:
    """One question of the survey; `choices` is empty where any text is an answer."""

    name: str
    label: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What a portal asks: before a session, and after it.

    Attributes:
        masked: addresses of representatives whom customers cannot pick, nor see to be there.
    """

    fields: tuple[FormField, ...]
    survey: tuple[SurveyField, ...]
    question_required: bool = True
    masked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a form that a launch could not carry.

        Raises:
            ValueError: names that are empty, too long, reserved, or come twice; too many.
        """
        for group in (self.fields, self.survey):
            names = [field.name.lower() for field in group]
            if len(group) > 100 or len(set(names)) < len(names) or RESERVED & set(names):
                msg = "a form has at most 100 fields, none twice and none of a reserved name"
                raise ValueError(msg)
            if not all(1 <= len(name) <= 100 for name in names):
                msg = "the name of a field has 1 to 100 characters"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in.

    Attributes:
        entries: in the order of the form; empty fields left out.
        missing: labels of what is required and was not filled in, in the order of the page.
    """

    question: str
    entries: tuple[Labelled, ...]
    missing: tuple[str, ...]


_UNSEEN = tuple(FormField(f"CustomField{n}", f"CustomField{n}", seen=False) for n in range(1, 10))
SURVEY = (
    SurveyField(
        "Satisfaction",
        "How satisfied are you with the help that you got?",
        ("Very satisfied", "Satisfied", "Dissatisfied", "Very dissatisfied"),
    ),
    SurveyField("Solved", "Is your problem solved?", ("Yes", "Partly", "No")),
    SurveyField("Remarks", "Is there anything else that you would like to say?"),
)


def default_form(portal_type: str) -> Form:
    """Give the form of a portal whose own was never set.

    A SmartButton shows no fields; what its launcher knows of them is taken unseen.
    """
    button = portal_type == "SmartButton"
    fields = (
        FormField("Name", "Name", required=not button, seen=not button),
        FormField("Company", "Company", seen=not button),
        FormField("Email", "E-mail", seen=not button),
        FormField("Phone", "Phone", seen=not button),
        *_UNSEEN,
    )
    return Form(fields, SURVEY, question_required=not button)


def fill(form: Form, given: Mapping[str, str]) -> Filled:
    """Read a launch; `given` is by lower-case name. What the form does not ask is left aside.

    Source: PORTAL-1, PORTAL-2.
    """
    question = given.get(QUESTION.lower(), "")
    texts = [(field, given.get(field.name.lower(), "")) for field in form.fields]
    missing = [field.label for field, text in texts if field.required and not text.strip()]
    if form.question_required and not question.strip():
        missing.append(QUESTION)
    entries = tuple(Labelled(field.label, text) for field, text in texts if text)
    return Filled(question, entries, tuple(missing))


def answers(form: Form, given: Mapping[str, str]) -> tuple[tuple[Labelled, ...], tuple[str, ...]]:
    """Read a survey; `given` is by lower-case name.

    Returns:
        The ratings, in the order of the survey, and the labels of answers that are none of
        their choices.

    Source: PORTAL-5.
    """
    texts = [(field, given.get(field.name.lower(), "")) for field in form.survey]
    ratings = tuple(Labelled(field.label, text) for field, text in texts if text.strip())
    return ratings, tuple(_wrong(texts))


def _wrong(texts: list[tuple[SurveyField, str]]) -> Iterator[str]:
    for field, text in texts:
        if text.strip() and field.choices and text not in field.choices:
            yield field.label


def carried(form: Form, given: Mapping[str, str]) -> dict[str, str]:
    """Give the survey's answers that a launcher already knows, by their names. PORTAL-5."""
    found = ((field.name, given.get(field.name.lower(), "")) for field in form.survey)
    return {name: text[:200] for name, text in found if text}
