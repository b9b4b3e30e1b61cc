"""What cannot be followed is refused before anything is judged: one sentence, exit 3."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.__main__ import main
from conformance.tests.small_broker import small_broker
from conformance.verdict import Exit

NOBODY = "http://127.0.0.1:9"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that is to be refused; give the sentence."""
    try:
        code = main(arguments)
    except SystemExit as ended:  # as argparse does it
        code = int(str(ended.code))
    shown = capsys.readouterr()
    assert (code, shown.out, shown.err.count("\n")) == (Exit.USAGE, "", 1)
    assert "Errno" not in shown.err
    assert "codec" not in shown.err
    return shown.err


@pytest.mark.parametrize("option", ["", "--control"])
@pytest.mark.parametrize(
    "url",
    ["x", "ftp://x", "http://", "http://[::", "http://a b", "http://127.0.0.1:x", "http://a:99999"],
)
def test_an_address_that_is_none(capsys: pytest.CaptureFixture[str], option: str, url: str) -> None:
    """The sentence shows it as it was typed."""
    line = ("broker", url) if not option else ("broker", NOBODY, option, url)

    assert f"{url!r} is no http or https URL" in refused(capsys, *line)


@pytest.mark.parametrize("option", ["", "--control"])
def test_an_address_with_a_password(capsys: pytest.CaptureFixture[str], option: str) -> None:
    """It would stand in every report; nor does the refusal tell it."""
    url = "https://eva:hush-hush@127.0.0.1:9/"
    line = ("broker", url) if not option else ("broker", NOBODY, option, url)

    said = refused(capsys, *line)

    assert "a URL holds a user name or password" in said
    assert "hush" not in said


@pytest.mark.parametrize("token", ["hush\nhush", "h\u20acsh"])
def test_a_token_that_no_header_can_carry(capsys: pytest.CaptureFixture[str], token: str) -> None:
    """The refusal does not tell it."""
    said = refused(capsys, "broker", NOBODY, "--control", NOBODY, "--token", token)

    assert "the token of the control API has characters" in said
    assert "h" + token[1:] not in said


@pytest.mark.parametrize("content", [None, "", "junk"])
def test_certificates_that_are_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str | None
) -> None:
    """A missing file, an empty one, one of something else; and a folder."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)

    for path in (file, tmp_path):
        said = refused(capsys, "broker", "https://127.0.0.1:9", "--ca", str(path))
        assert f"--ca {path}" in said
        assert ("No such file" in said) == (not path.exists())


@pytest.mark.parametrize("option", ["--report", "--certify", "--json", "--junit"])
@pytest.mark.parametrize("verb", [("broker", NOBODY), ("client", "--rule", "C-POLL-1")])
def test_reports_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str, verb: tuple[str, ...]
) -> None:
    """It is told before minutes of judging, not behind them."""
    (tmp_path / "file").write_text("x")
    path = str(tmp_path / "file" / "below")

    said = refused(capsys, *verb, option, path, *(("--", "true") if verb[0] == "client" else ()))

    assert f"{option} {path}" in said


@pytest.mark.parametrize(
    ("option", "place"),
    [
        ("--report", "/proc"),
        ("--certify", "/proc"),
        ("--json", "/proc/new.json"),
        ("--json", "/proc/version"),
        ("--junit", "/proc/version"),
    ],
)
def test_places_that_are_there_and_take_nothing(
    capsys: pytest.CaptureFixture[str], option: str, place: str
) -> None:
    """A folder in which no file can be made, a file that cannot be written; whoever runs this."""
    assert f"{option} {place} cannot be written" in refused(capsys, "broker", NOBODY, option, place)


def test_looking_whether_a_place_can_be_written_changes_nothing(tmp_path: Path) -> None:
    """What was there before is there until there is something new; no file of ours is left."""
    kept = tmp_path / "a.json"
    kept.write_text("old")

    code = main(["broker", NOBODY, "--report", str(tmp_path), "--json", str(kept)])

    assert code == Exit.UNREACHABLE
    assert kept.read_text() == "old"
    assert list(tmp_path.iterdir()) == [kept]


def test_a_report_may_go_into_a_new_folder(tmp_path: Path) -> None:
    """Nothing has to be made by hand."""
    files = [tmp_path / "new" / name for name in ("a.json", "b.xml")]
    with small_broker() as url:
        line = ("broker", url, "--rule", "WIRE-1", "--quiet", "--examples", "1")
        main([*line, "--json", str(files[0]), "--junit", str(files[1])])

    assert all(file.stat().st_size for file in files)


@pytest.mark.parametrize(
    "line",
    [
        ("broker", "--self", "--examples", "0"),
        ("broker", "--self", "--examples", "-1"),
        ("broker", "--self", "--workers", "-1"),
        ("broker", "--self", "--workers", "999"),
        ("broker", "--self", "--seed", "-1"),
        ("client", "--workers", "0", "--", "true"),
    ],
)
def test_numbers_that_are_none(capsys: pytest.CaptureFixture[str], line: tuple[str, ...]) -> None:
    """The sentence names the option."""
    option = next(word for word in line[1:] if word.startswith("--") and word != "--self")

    assert option in refused(capsys, *line)


def test_an_adapter_that_is_no_text(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The sentence names the file."""
    file = tmp_path / "adapter.toml"
    file.write_bytes(b"GIF\xff\xfe")

    assert str(file) in refused(capsys, "client", "--adapter", str(file), "--", "true")
