"""What chance picks from: names, and what people come with and say.

Read once from the package's data files, on first use.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

# How a language is called in a session's `locale`; English is the default and stays empty.
LOCALES: Final[Mapping[str, str]] = {
    "en": "",
    "de": "de_DE",
    "fr": "fr_FR",
    "es": "es_ES",
    "ja": "ja_JP",
    "pl": "pl_PL",
}
LANGUAGES: Final[Mapping[str, str]] = {locale: name for name, locale in LOCALES.items()}

_SLOT: Final = re.compile(r"\{([a-z]+)\}")
_PLAIN: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "æ": "ae", "œ": "oe"}
)


@dataclass(frozen=True, slots=True)
class People:
    """The names of one language; each given or family name as (written, typed in ASCII)."""

    given: tuple[tuple[str, str], ...]
    family: tuple[tuple[str, str], ...]
    company: tuple[str, ...]
    city: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class App:
    """A program people ask about; `window` names how its window looks."""

    name: str
    version: str
    old: str
    window: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is said or done: `kind` is c, r, file, url, diag, screen, unscreen, reboot."""

    kind: str
    text: str
    optional: bool


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One trouble, from its question to what the rep notes at the end; each is made once."""

    skill: str
    language: str
    questions: tuple[str, ...]
    steps: tuple[Step, ...]
    comments: tuple[str, ...]
    dialog: tuple[str, str]
    typed: str
    fixed: str


@dataclass(frozen=True, slots=True)
class Words:
    """All that is said around a trouble.

    Attributes:
        apps: by skill.
        scenes: by (skill, language); every pair has some.
        phrases: by language, then by occasion.
        survey: as (label, answers) for the customer and for the rep.
    """

    apps: Mapping[str, App]
    scenes: Mapping[tuple[str, str], tuple[Scene, ...]]
    phrases: Mapping[str, Mapping[str, tuple[str, ...]]]
    customer_survey: tuple[tuple[str, tuple[str, ...]], ...]
    remarks: tuple[str, ...]
    rep_survey: tuple[tuple[str, tuple[str, ...]], ...]
    end_labels: tuple[str | None, ...]
    failures: tuple[str, ...]
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    pasted: tuple[str, ...]


def plain(text: str) -> str:
    """Fold a name to lower-case ASCII letters, as it stands in a mail address."""
    folded = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(c for c in folded.casefold() if c.isascii() and c.isalnum())


def fill(text: str, slots: Mapping[str, str]) -> str:
    """Put values into the {named} places of a text; other braces stay as they are."""
    if "{" not in text:
        return text
    parts = [*_parts(text)]
    parts[1::2] = [slots.get(name, f"{{{name}}}") for name in parts[1::2]]
    return "".join(parts)


@lru_cache(maxsize=2048)
def _parts(text: str) -> tuple[str, ...]:
    """Split a text of the data files into what stands between the places, and their names."""
    return tuple(_SLOT.split(text))


def data(name: str) -> Any:
    """Read one of the package's JSON files."""
    return json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


@cache
def people() -> Mapping[str, People]:
    """Give the names by language."""
    return {
        language: People(
            tuple((name, typed) for name, typed in raw["given"]),
            tuple((name, typed) for name, typed in raw["family"]),
            tuple(raw["company"]),
            tuple(raw["city"]),
        )
        for language, raw in data("pools.json")["people"].items()
    }


@cache
def words() -> Words:
    """Give the troubles and the phrases."""
    raw = data("scenes.json")
    apps = {skill: App(*fields) for skill, fields in raw["apps"].items()}
    return Words(
        apps=apps,
        scenes=_scenes(raw, tuple(apps)),
        phrases={
            language: {occasion: tuple(texts) for occasion, texts in phrases.items()}
            for language, phrases in raw["phrases"].items()
        },
        customer_survey=_answers(raw["survey"]["customer"]),
        remarks=tuple(raw["survey"]["remarks"]),
        rep_survey=_answers(raw["survey"]["rep"]),
        end_labels=tuple(raw["closing"]["labels"]),
        failures=tuple(raw["closing"]["failures"]),
        prefixes=tuple(raw["prefix"]),
        suffixes=tuple(raw["suffix"]),
        pasted=tuple(raw["pasted"]),
    )


def _answers(raw: list[Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((label, tuple(answers)) for label, answers in raw)


def _scenes(
    raw: Mapping[str, Any], skills: tuple[str, ...]
) -> Mapping[tuple[str, str], tuple[Scene, ...]]:
    scenes = [_scene(entry) for entry in raw["scenes"]]
    return {
        (skill, language): tuple(
            scene
            for scene in scenes
            if scene.language == language and scene.skill in (skill, "any")
        )
        for skill in skills
        for language in LOCALES
    }


def _scene(raw: Mapping[str, Any]) -> Scene:
    title, text = raw["dialog"]
    return Scene(
        raw["skill"],
        raw["lang"],
        tuple(raw["questions"]),
        tuple(_step(step) for step in raw["steps"]),
        tuple(raw["comments"]),
        (title, text),
        raw["typed"],
        raw["fixed"],
    )


def _step(raw: str) -> Step:
    optional = raw.startswith("?")
    kind, _, text = raw.lstrip("?").partition(": ")
    return Step(kind, text, optional)
