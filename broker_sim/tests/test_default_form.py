"""PORTAL-1, PORTAL-5: what a portal asks whose form was never set."""

from __future__ import annotations

import pytest

from broker_sim.core import form
from broker_sim.core.form import Form, FormField, SurveyField
from broker_sim.core.record import Labelled

ASKED = (
    FormField("Name", "Name", required=True),
    FormField("Company", "Company"),
    FormField("Email", "E-mail"),
    FormField("Phone", "Phone"),
)


@pytest.mark.parametrize("portal_type", ["SmartBox", "SmartMatch", "SmartPin", ""])
def test_a_form_asks_who_it_is_and_needs_a_name_and_a_question(portal_type: str) -> None:
    """PORTAL-1: four fields that are seen, before those that are not."""
    asked = form.default_form(portal_type)

    assert asked.fields[:4] == ASKED
    assert not any(field.seen for field in asked.fields[4:])
    assert asked.question_required
    assert (asked.survey, asked.masked) == (form.SURVEY, ())


def test_a_button_shows_no_field_and_needs_nothing() -> None:
    """PORTAL-1: what its launcher knows is taken unseen."""
    asked = form.default_form("SmartButton")

    assert [(field.name, field.label) for field in asked.fields[:4]] == [
        (field.name, field.label) for field in ASKED
    ]
    assert not any(field.seen or field.required for field in asked.fields)
    assert not asked.question_required


def of_names(*names: str) -> Form:
    """Give a form whose fields have these names."""
    return Form(tuple(FormField(name, name) for name in names), ())


def test_a_form_has_at_most_a_hundred_fields_and_none_twice() -> None:
    """PORTAL-1: whichever case a name is in; a reserved name would carry something else."""
    of_names(*(f"f{number}" for number in range(100)))
    refused = (
        [f"f{number}" for number in range(101)],
        ["Name", "nAME"],
        [sorted(form.RESERVED)[0].upper()],
    )
    for names in refused:
        with pytest.raises(ValueError, match=r"^a form has at most 100 fields, none twice and n"):
            of_names(*names)


def test_a_field_s_name_has_one_to_a_hundred_characters() -> None:
    """PORTAL-1: both ends are allowed."""
    of_names("a", "b" * 100)
    for name in ("", "b" * 101):
        with pytest.raises(ValueError, match=r"^the name of a field has 1 to 100 characters$"):
            of_names(name)


def test_a_launch_is_read_by_the_form() -> None:
    """PORTAL-1, PORTAL-2: by name in any case, in the form's order; the rest is left aside."""
    asked = Form(
        (
            FormField("Name", "Your name", required=True),
            FormField("Ticket", "No."),
        ),
        (),
    )
    given = {"ticket": " 7 ", "question": " Why? ", "name": " ", "other": "x"}

    filled = form.fill(asked, given)
    assert filled.question == " Why? "
    assert filled.entries == (Labelled("Your name", " "), Labelled("No.", " 7 "))
    assert filled.missing == ("Your name",)
    nothing = form.fill(asked, {})
    assert (nothing.question, nothing.entries) == ("", ())
    assert nothing.missing == ("Your name", "Question")
    assert form.fill(asked, {"name": "Eva", "question": "?"}).missing == ()
    silent = Form((FormField("Name", "Your name"),), (), question_required=False)
    assert form.fill(silent, {"question": " "}).missing == ()


def test_a_survey_is_read_in_its_order() -> None:
    """PORTAL-5: an answer that is none of its choices is named; an empty one is none."""
    asked = Form(
        (),
        (
            SurveyField("Solved", "Solved?", ("Yes", "No")),
            SurveyField("Mood", "Mood?", ("1", "2")),
            SurveyField("Remarks", "More?"),
        ),
    )

    given = {"remarks": " x ", "solved": "Perhaps", "mood": " "}
    assert form.answers(asked, given) == (
        (Labelled("Solved?", "Perhaps"), Labelled("More?", " x ")),
        ("Solved?",),
    )
    assert form.answers(asked, {"mood": "2"}) == ((Labelled("Mood?", "2"),), ())
    assert form.answers(asked, {}) == ((), ())
