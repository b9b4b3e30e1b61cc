"""CHAN-1: drawing instructions of a shared screen, as anybody may have written them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.core import guacamole
from broker_sim.core.guacamole import NoDrawing

ascii_text = st.text(st.characters(max_codepoint=127), max_size=12)
NAMES = st.sampled_from(["size", "rect", "mouse", "img", "copy", "dispose", "lstroke"])
drawn = st.lists(st.tuples(NAMES, st.lists(ascii_text, max_size=5)), max_size=5)
SIDE = limits.SCREEN_SIDE_MAX


@given(drawn)
def test_what_is_written_is_read(said: list[tuple[str, list[str]]]) -> None:
    """CHAN-1: dots, commas and semicolons in a text are a part of it."""
    ones = [[name, *arguments] for name, arguments in said]
    text = "".join(guacamole.written(*one) for one in ones)

    assert list(guacamole.instructions(text)) == ones


def test_an_instruction_is_its_elements_behind_their_lengths() -> None:
    """CHAN-1: the format of the Guacamole protocol."""
    assert guacamole.written("size", 0, 640, 48) == "4.size,1.0,3.640,2.48;"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("4.sïze;", "drawing instructions are ASCII"),
        ("size;", "an element begins with its length and a dot"),
        (".size;", "an element begins with its length and a dot"),
        ("12", "an element begins with its length and a dot"),
        ("x.size;", "an element begins with its length and a dot"),
        ("-1.a;", "an element begins with its length and a dot"),
        ("00000004.size;", "an element begins with its length and a dot"),
        ("4.size", "a comma or a semicolon stands behind an element"),
        ("4.size:", "a comma or a semicolon stands behind an element"),
        ("3.size;", "a comma or a semicolon stands behind an element"),
        ("9.size;", "a comma or a semicolon stands behind an element"),
        ("4.size,", "an instruction is cut off"),
        ("4.size,1.0,", "an instruction is cut off"),
        ("4.nest,1.0;", "an instruction that does not draw"),
        ("5.audio,1.1;", "an instruction that does not draw"),
        ("0.;", "an instruction that does not draw"),
    ],
)
def test_what_is_no_drawing_is_refused_with_its_reason(text: str, why: str) -> None:
    """CHAN-1: nothing of it reaches a player."""
    with pytest.raises(NoDrawing, match=f"^{why}$"):
        list(guacamole.instructions(text))


def test_a_length_has_seven_digits_at_most() -> None:
    """CHAN-1: so that nobody can make the reader count for long."""
    assert list(guacamole.instructions("0000004.sync;")) == [["sync"]]
    guacamole.check(guacamole.written("size", 0, "0000001", "1"), whole=True)


def test_an_instruction_has_64_arguments_at_most() -> None:
    """CHAN-1: its name besides."""
    assert len(next(guacamole.instructions(guacamole.written("rect", *range(64))))) == 65
    with pytest.raises(NoDrawing, match=r"^a comma or a semicolon"):
        list(guacamole.instructions(guacamole.written("rect", *range(65))))


@pytest.mark.parametrize("side", [1, 2, SIDE - 1, SIDE])
def test_a_layer_has_sides_that_there_are(side: int) -> None:
    """CHAN-1: up to the limit, both of them."""
    guacamole.check(guacamole.written("size", 3, side, 1), whole=False)
    guacamole.check(guacamole.written("size", 0, 1, side), whole=True)


@pytest.mark.parametrize("side", [0, -1, SIDE + 1, "", "x", "1e3", "00000001", "²"])
def test_a_layer_of_another_size_is_refused(side: object) -> None:
    """CHAN-1: width and height alike."""
    for sides in ((side, 1), (1, side)):
        text = guacamole.written("size", 0, *sides)
        with pytest.raises(NoDrawing, match=r"ASCII$|^a side has 1 to \d+ pixels$"):
            guacamole.check(text, whole=False)


@pytest.mark.parametrize("more", [(), (1,), (1, 1, 1)])
def test_a_size_has_a_layer_and_two_sides(more: tuple[int, ...]) -> None:
    """CHAN-1: neither fewer nor more."""
    with pytest.raises(NoDrawing, match=f"^a side has 1 to {SIDE} pixels$"):
        guacamole.check(guacamole.written("size", 0, *more), whole=False)


def test_a_whole_screen_says_how_large_it_is() -> None:
    """CHAN-1: the screen, no other layer; a part of one need not."""
    layer, pointer = guacamole.written("size", 1, 9, 9), guacamole.written("mouse", 1, 1)
    guacamole.check(layer + pointer, whole=False)
    for text in ("", layer, pointer):
        with pytest.raises(NoDrawing, match=r"^a whole screen begins with its size$"):
            guacamole.check(text, whole=True)
    guacamole.check(layer + guacamole.written("size", 0, 8, 7), whole=True)


def test_a_recording_begins_with_the_screen_s_size() -> None:
    """CHAN-1: the first that is said of it, whatever stands before."""
    sizes = [guacamole.written("size", *one) for one in ((1, 9, 9), (0, 8, 7), (0, 6, 5))]

    assert guacamole.first("".join(sizes)) == "4.size,1.0,1.8,1.7;"


def test_a_frame_is_put_on_the_recording_s_time() -> None:
    """CHAN-1: one end of it, the pointer's time; what says less of the pointer stays."""
    write = guacamole.written
    text = write("mouse", 1, 2, 0, 77) + write("sync", 5) + write("mouse", 3, 4) + write("sync", 6)

    wanted = write("mouse", 1, 2, 0, 99) + write("mouse", 3, 4) + write("sync", 99)
    assert guacamole.timed(text, 99) == wanted
