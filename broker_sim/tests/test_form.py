"""PORTAL-1, PORTAL-2, PORTAL-5: what a portal asks, and what a launch says to that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract.sessions import PORTAL_TYPE
from broker_sim.core import form
from broker_sim.core.form import Form, FormField, SurveyField
from broker_sim.core.record import Labelled
from broker_sim.service import forms

names = st.sampled_from([f"Field{n}" for n in range(8)] + ["Größe", "e-mail", "a b"])
form_fields = st.builds(FormField, names, st.text(min_size=1), st.booleans(), st.booleans())
survey_fields = st.builds(
    SurveyField, names, st.text(min_size=1), st.lists(st.text(min_size=1), max_size=3).map(tuple)
)
drawn_forms = st.builds(
    Form,
    st.lists(form_fields, unique_by=lambda f: f.name, max_size=6).map(tuple),
    st.lists(survey_fields, unique_by=lambda f: f.name, max_size=4).map(tuple),
    st.booleans(),
)
launches = st.dictionaries(
    names.map(str.lower) | st.sampled_from(["question", "template", "javascript"]),
    st.sampled_from(["", " ", "\t\n", "text", " padded "]) | st.text(),
)


@given(asked=drawn_forms, said=launches)
def test_what_is_asked_comes_through_as_it_was_typed(asked: Form, said: dict[str, str]) -> None:
    """PORTAL-1, SESS-4: in the form's order, seen or not, byte for byte, and nothing else."""
    filled = form.fill(asked, said)

    expected = [(f.label, said.get(f.name.lower(), "")) for f in asked.fields]
    assert filled.entries == tuple(Labelled(*pair) for pair in expected if pair[1])
    assert filled.question == said.get("question", "")


@given(asked=drawn_forms, said=launches)
def test_what_is_required_and_blank_is_missing(asked: Form, said: dict[str, str]) -> None:
    """PORTAL-2: blanks are nothing; an unseen field can be missing too."""
    wanted = [(f.label, f.name) for f in asked.fields if f.required]
    wanted += [("Question", "question")] if asked.question_required else []

    missing = [label for label, name in wanted if not said.get(name.lower(), "").strip()]
    assert list(form.fill(asked, said).missing) == missing


@given(asked=drawn_forms)
def test_a_form_is_kept_as_it_was_set(asked: Form) -> None:
    """PORTAL-2: through JSON and back."""
    assert forms.read(forms.told(asked)) == asked


@given(asked=drawn_forms, said=launches)
def test_answers_are_of_the_choices(asked: Form, said: dict[str, str]) -> None:
    """PORTAL-5: every answer that is given counts; one that was no choice is named."""
    ratings, wrong = form.answers(asked, said)
    typed = {f.label: said.get(f.name.lower(), "") for f in asked.survey}

    assert all(rating.value.strip() for rating in ratings)
    assert {f.label for f in asked.survey if f.choices} >= set(wrong)
    for field in asked.survey:
        if field.label in wrong or not field.choices:
            continue
        assert typed[field.label] in (*field.choices, "") or not typed[field.label].strip()


@pytest.mark.parametrize("portal_type", PORTAL_TYPE.words)
def test_every_type_of_portal_asks_something_or_nothing(portal_type: str) -> None:
    """PORTAL-1: a SmartButton takes one click; the others want a name and a question."""
    asked = form.default_form(portal_type)
    missing = form.fill(asked, {}).missing

    assert missing == (() if portal_type == "SmartButton" else ("Name", "Question"))
    assert any(not field.seen for field in asked.fields)


@pytest.mark.parametrize(
    "fields",
    [
        (FormField("", "x"),),
        (FormField("a" * 101, "x"),),
        (FormField("Question", "x"),),
        (FormField("TOKEN", "x"),),
        (FormField("a", "x"), FormField("A", "y")),
        tuple(FormField(f"f{n}", "x") for n in range(101)),
    ],
)
def test_a_form_that_a_launch_could_not_carry_is_none(fields: tuple[FormField, ...]) -> None:
    """PORTAL-2: such a setting is refused where it is made."""
    with pytest.raises(ValueError, match="name"):
        Form(fields, ())


@pytest.mark.parametrize(
    "said",
    [
        {"fields": "x"},
        {"fields": [1]},
        {"fields": [{}]},
        {"fields": [{"name": 1}]},
        {"fields": [{"name": "a", "label": None}]},
        {"fields": [{"name": "a", "required": 1}]},
        {"survey": [{"name": "a", "choices": "abc"}]},
        {"survey": [{"name": "a", "choices": [1]}]},
        {"questionRequired": "no"},
    ],
)
def test_what_is_no_form_is_told_so(said: dict[str, object]) -> None:
    """PORTAL-2: one sentence, whatever it is."""
    with pytest.raises(ValueError, match="form"):
        forms.read(said)
