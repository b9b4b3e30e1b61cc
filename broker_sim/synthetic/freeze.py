"""Make the data files of this package anew: names from Faker, letters from a font.

    python -m broker_sim.synthetic.freeze pools
    python -m broker_sim.synthetic.freeze glyphs

The results are committed; a running broker reads them and needs neither Faker nor Pillow.
`pools` wants the Faker release that `pools.json` names, else other names come out; the glyphs
are drawn by `freeze_glyphs.py`, which needs Pillow and the DejaVu fonts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import faker

from broker_sim.synthetic.pools import plain

HERE: Final = Path(__file__).parent
POOLS: Final = HERE / "pools.json"
SEED: Final = 20050125
# How many given names, family names, companies and cities of each language, at most.
SIZES: Final = {"en": 120, "de": 50, "fr": 50, "es": 40, "ja": 40, "pl": 30}
LOCALES: Final = {
    "en": "en_US",
    "de": "de_DE",
    "fr": "fr_FR",
    "es": "es_ES",
    "ja": "ja_JP",
    "pl": "pl_PL",
}


def pools() -> dict[str, Any]:
    """Draw the pools; the same for the same Faker release."""
    people = {language: _people(language) for language in LOCALES}
    return {
        "doc": "Made by `python -m broker_sim.synthetic.freeze pools`; do not edit.",
        "faker": faker.VERSION,
        "seed": SEED,
        "people": people,
    }


def written(drawn: dict[str, Any]) -> str:
    """Give the text of `pools.json`."""
    return json.dumps(drawn, ensure_ascii=False, indent=0) + "\n"


def _people(language: str) -> dict[str, list[Any]]:
    source = faker.Faker(LOCALES[language])
    source.seed_instance(SEED)
    count = SIZES[language]
    return {
        "given": _names(source, "first", count, romanized=language == "ja"),
        "family": _names(source, "last", count, romanized=language == "ja"),
        "company": sorted({source.company() for _ in range(count)}),
        "city": sorted({source.city() for _ in range(count)}),
    }


def _names(source: faker.Faker, part: str, count: int, *, romanized: bool) -> list[list[str]]:
    if romanized:
        # A pair of (name, romanized name) keeps what is read and what is typed together.
        pairs = {getattr(source, f"{part}_name_pair")() for _ in range(count)}
        return sorted([pair[0], plain(pair[2])] for pair in pairs)
    names = {getattr(source, f"{part}_name")() for _ in range(count)}
    return sorted([name, plain(name)] for name in names)


def main(arguments: list[str]) -> int:
    """Write the named data files."""
    if not arguments or not set(arguments) <= {"pools", "glyphs"}:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    if "pools" in arguments:
        POOLS.write_text(written(pools()), encoding="utf-8")
    if "glyphs" in arguments:
        # Pillow is no dependency of the project, so it is asked for only here.
        from broker_sim.synthetic import freeze_glyphs  # noqa: PLC0415  needs Pillow

        freeze_glyphs.write()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
