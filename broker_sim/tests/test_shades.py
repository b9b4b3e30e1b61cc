"""PORTAL-1: a portal's colour made usable, against shades that were looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from broker_sim.core import branding
from broker_sim.core.branding import COMPANY_MAX, LOGO_TEXT_MAX, WORDS_MAX, Branding, Shades


@pytest.mark.parametrize(
    ("colour", "light", "dark"),
    [
        ("#0f5fa8", ("#0f5fa8", "#ffffff", "#e7eff6"), ("#6f9fcb", "#000000", "#162f46")),
        ("#ffff00", ("#666600", "#ffffff", "#ffffe6"), ("#ffff00", "#000000", "#3c4324")),
        ("#101010", ("#101010", "#ffffff", "#e7e7e7"), ("#939393", "#000000", "#161d24")),
        ("#c0c0c0", ("#6a6a6a", "#ffffff", "#f9f9f9"), ("#c0c0c0", "#000000", "#3d444b")),
        ("#00ff00", ("#007300", "#ffffff", "#e6ffe6"), ("#00ff00", "#000000", "#134d22")),
    ],
)
def test_a_colour_stays_itself_or_goes_no_further_than_it_must(
    colour: str, light: tuple[str, str, str], dark: tuple[str, str, str]
) -> None:
    """PORTAL-1: towards black on light pages, towards white on dark ones."""
    assert branding.shades(colour, "light") == Shades(*light)
    assert branding.shades(colour, "dark") == Shades(*dark)


@pytest.mark.parametrize(
    ("one", "other", "contrast"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.478089),
        ("#0a0a0a", "#000000", 1.060705),
        ("#0b0b0b", "#000000", 1.066931),
        ("#123456", "#123456", 1.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, contrast: float) -> None:
    """PORTAL-1: the darkest tones count by the straight part of its curve."""
    assert branding.contrast(one, other) == pytest.approx(contrast, rel=1e-6)


def test_a_colour_that_is_none_is_told_as_such() -> None:
    """PORTAL-1: with how to write one."""
    with pytest.raises(ValueError, match=r"^'colour' must be written like #0f5fa8$"):
        Branding("Acme", "blue", "A")


def test_a_text_may_be_as_long_as_it_may_be() -> None:
    """PORTAL-1: and not a character longer."""
    longest = Branding(
        "c" * COMPANY_MAX, "#0f5fa8", "l" * LOGO_TEXT_MAX, "g" * WORDS_MAX, "f" * WORDS_MAX
    )
    for name in ("company", "logo_text", "greeting", "footer"):
        text = getattr(longest, name)
        longer: dict[str, Any] = {name: f"{text}x"}
        with pytest.raises(ValueError, match=f"must have at most {len(text)} characters"):
            replace(longest, **longer)


def test_a_name_that_cannot_be_written_has_a_colour_too() -> None:
    """PORTAL-1: half a character, as an escape of JSON can give one."""
    assert branding.default_branding("desk\ud800", "Acme").colour in branding.COLOURS
