"""The file that describes a target: what can be said, and what is wrong with it."""

import re
from pathlib import Path

import pytest

from conformance.target import BadTarget, Launch
from conformance.target_file import from_toml

MANUAL = Path(__file__).parents[2] / "docs" / "conformance.md"


def test_a_target_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "target.toml"
    path.write_text(
        'url = "https://b.example"\nca = "ca.pem"\ncapabilities = ["sessions"]\n'
        '[[logins]]\nusername = "u"\npassword = "p"\n',
        encoding="utf-8",
    )
    described = from_toml(path)

    assert described.ca == tmp_path / "ca.pem"
    assert described.logins[0].username == "u"
    assert described.capabilities == {"sessions"}


def test_every_mistake_of_a_target_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "target.toml"
    path.write_text('uri = "x"\ncapabilities = ["flying"]\n', encoding="utf-8")

    with pytest.raises(BadTarget, match=r"'uri'.*'flying'.*no url"):
        from_toml(path)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("ca = 5", "ca is no text"),
        ("control = ['x']", "control is no text"),
        ("token = 77", "token is no text"),
        ("capabilities = 'sessions'", "capabilities is no list of texts"),
        ("capabilities = [5]", "capabilities is no list of texts"),
        ("restart = 'systemctl restart broker'", "restart is no list of texts"),
        ("logins = 'x'", "each of [[logins]] needs"),
        ("[logins]\nusername = 'a'\npassword = 'b'", "each of [[logins]] needs"),
        ("[[logins]]\nusername = 5\npassword = 'b'", "each of [[logins]] needs"),
        ("[burnable]\nusername = 'a'", "[burnable] needs"),
        ("representative = 'x'", "[representative] needs"),
        ("launch = 'x'", "launch is no table"),
        ("launch = 5", "launch is no table"),
    ],
)
def test_a_value_of_another_kind_is_a_mistake_of_the_file(
    tmp_path: Path, line: str, named: str
) -> None:
    """Not of the target, nor of the suite; and what it says, a password perhaps, is not told."""
    path = tmp_path / "target.toml"
    path.write_text(f"uri = 'x'\n{line}\n", encoding="utf-8")

    with pytest.raises(BadTarget, match=rf"unknown key 'uri'; {re.escape(named)}.*; no url"):
        from_toml(path)


def test_a_url_that_is_a_number_is_no_url(tmp_path: Path) -> None:
    path = tmp_path / "target.toml"
    path.write_text("url = 5\n", encoding="utf-8")

    with pytest.raises(BadTarget, match="url is no text"):
        from_toml(path)


@pytest.mark.parametrize("told", ['portal = "P"', 'portal = "P"\nsub_portal = "S"\ndoor = "D"'])
def test_a_launch_that_lacks_something_is_refused(tmp_path: Path, told: str) -> None:
    path = tmp_path / "target.toml"
    path.write_text(f'url = "https://b.example"\n[launch]\n{told}\n', encoding="utf-8")

    with pytest.raises(BadTarget, match=r"launch. has portal, sub_portal"):
        from_toml(path)


def test_the_target_in_the_manual_can_be_read(tmp_path: Path) -> None:
    """What a reader copies from `docs/conformance.md` works."""
    target = MANUAL.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "target.toml").write_text(target, encoding="utf-8")
    described = from_toml(tmp_path / "target.toml")

    assert described.burnable is not None
    assert described.representative is not None
    assert described.launch == Launch("Support", "General")
    assert len(described.logins) == 2
    assert described.restart == ("systemctl", "restart", "broker")
