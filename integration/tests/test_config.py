"""The settings: every mistake named at once; secrets neither shown nor readable by others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from integration.__main__ import main
from integration.config import EXAMPLE, Settings, load
from integration.errors import Exit, Stop

GOOD = {
    "BROKER_CLIENT_URL": "https://broker.example:8443",
    "BROKER_CLIENT_USERNAME": "api",
    "BROKER_CLIENT_PASSWORD": "swordfish",
}


def written(folder: Path, text: str) -> Path:
    file = folder / "client.toml"
    file.write_text(text)
    return file


def mistakes(file: Path | None, environment: dict[str, str]) -> list[str]:
    with pytest.raises(Stop) as stop:
        load(file, environment)
    assert stop.value.exit_code is Exit.USAGE
    return str(stop.value).splitlines()


def test_the_example_is_right_as_it_stands(tmp_path: Path) -> None:
    """C-STORE-1: what `config --example` prints can be used at once."""
    (tmp_path / "ca.pem").touch()
    secret = tmp_path / "support.password"
    secret.write_text("swordfish\n")
    secret.chmod(0o600)

    (portal,) = load(written(tmp_path, EXAMPLE), {}).portals

    assert portal.password is not None
    assert portal.password.reveal() == "swordfish"
    assert portal.address == "https://localhost:8443/services/Sessions"
    assert portal.wsdl == "https://localhost:8443/services/Sessions?wsdl"
    assert portal.storage == tmp_path / "Sessions"
    assert portal.database == f"sqlite:///{tmp_path}/sessions.sqlite"
    assert portal.state == tmp_path / "state" / "support"
    assert portal.start_at is None


def test_the_environment_alone_is_enough() -> None:
    """C-STORE-1: for containers and for suites."""
    (portal,) = load(None, GOOD | {"BROKER_CLIENT_CHANNELS": "Chat, Diagnostics"}).portals

    assert portal.nickname == "default"
    assert portal.channels == {"Chat", "Diagnostics"}
    assert portal.interval_seconds == 10


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    """With several portals, by nickname."""
    text = """
        [[portals]]
        nickname = "first-one"
        url = "https://one.example"
        username = "one"
        [[portals]]
        nickname = "second"
        url = "https://two.example"
        username = "two"
        storage = "Second"
    """
    environment = {
        "BROKER_CLIENT_FIRST_ONE_PASSWORD": "1",
        "BROKER_CLIENT_SECOND_PASSWORD": "2",
        "BROKER_CLIENT_SECOND_INTERVAL_SECONDS": "30",
        "BROKER_CLIENT_STATE": str(tmp_path / "elsewhere"),
        "OTHER": "ignored",
    }
    first, second = load(written(tmp_path, text), environment).portals

    assert [first.interval_seconds, second.interval_seconds] == [10, 30]
    assert second.state == tmp_path / "elsewhere" / "second"


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    """One start tells all that is wrong."""
    text = """
        workers = 0
        [[portals]]
        nickname = "a/b"
        url = "ftp://one.example"
        intervall_seconds = 3
        interval_seconds = "soon"
        channels = ["Smell"]
        decompress = "perhaps"
        start_at = "yesterday"
        password = "in the open"
    """
    found = "\n".join(mistakes(written(tmp_path, text), {"BROKER_CLIENT_USRNAME": "x"}))

    for part in (
        "workers must be",
        "nickname must be letters",
        "url must begin with https://",
        "intervall_seconds: there is no such setting; did you mean interval_seconds?",
        "interval_seconds must be a number",
        "channels must be a list of LocalScreen, RemoteScreen, Chat, Diagnostics",
        "decompress must be true or false",
        "start_at must be",
        "password: secrets do not belong in this file; set BROKER_CLIENT_PASSWORD",
        "username is missing",
        "BROKER_CLIENT_USRNAME: there is no such setting",
    ):
        assert part in found
    assert "in the open" not in found


def test_a_password_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """C-KEY-1: with the command that mends it."""
    secret = tmp_path / "secret"
    secret.write_text("swordfish")
    secret.chmod(0o640)
    environment = GOOD | {"BROKER_CLIENT_PASSWORD_FILE": str(secret)}
    del environment["BROKER_CLIENT_PASSWORD"]

    (mistake,) = mistakes(None, environment)

    assert mistake.endswith(f"others can read the password: chmod 600 {secret}")


def test_secrets_do_not_show(tmp_path: Path) -> None:
    """C-KEY-1: neither in a repr nor in a message."""
    database = "postgresql://user:swordfish@db.example/sessions"
    key = {"BROKER_CLIENT_SECURITY_KEY": "swordfish", "BROKER_CLIENT_DATABASE": database}
    settings: Settings = load(None, GOOD | key)

    assert "swordfish" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "address", "wsdl"),
    [
        ("https://b.example/", "/services/Sessions", "/services/Sessions?wsdl"),
        ("https://b.example/services/Sessions", "/services/Sessions", "/services/Sessions?wsdl"),
        ("https://b.example/x/Other?wsdl12", "/x/Other", "/x/Other?wsdl12"),
    ],
)
def test_base_or_wsdl(url: str, address: str, wsdl: str) -> None:
    """The broker's address or that of its description will do."""
    (portal,) = load(None, GOOD | {"BROKER_CLIENT_URL": url}).portals

    assert portal.address == f"https://b.example{address}"
    assert portal.wsdl == f"https://b.example{wsdl}"


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ('"all"', None),
        ("2026-01-25", datetime(2026, 1, 25, tzinfo=UTC)),
        ("2026-01-25T08:00:00", datetime(2026, 1, 25, 8, tzinfo=UTC)),
        ("2026-01-25T08:00:00Z", datetime(2026, 1, 25, 8, tzinfo=UTC)),
        ('"2026-01-25T08:00:00+02:00"', datetime(2026, 1, 25, 6, tzinfo=UTC)),
        (
            "2026-01-25T08:00:00-05:00",
            datetime(2026, 1, 25, 8, tzinfo=timezone(timedelta(hours=-5))),
        ),
    ],
)
def test_a_start_in_every_spelling(tmp_path: Path, text: str, means: datetime | None) -> None:
    """C-TIME-1: as TOML's own times or as texts; without a zone UTC."""
    toml = f'[[portals]]\nurl = "https://b.example"\nusername = "u"\nstart_at = {text}\n'
    (portal,) = load(written(tmp_path, toml), {"BROKER_CLIENT_PASSWORD": "x"}).portals

    assert means == portal.start_at


def test_one_login_is_in_one_portal(tmp_path: Path) -> None:
    """C-CONN-1: two portals on one login would fight over its connection."""
    table = '[[portals]]\nnickname = "{}"\nurl = "https://b.example"\nusername = "u"\n'
    text = table.format("a") + table.format("b")
    environment = {"BROKER_CLIENT_A_PASSWORD": "x", "BROKER_CLIENT_B_PASSWORD": "x"}

    (mistake,) = mistakes(written(tmp_path, text), environment)

    assert "a login has one connection" in mistake


@pytest.mark.parametrize(
    ("own", "shared"),
    [
        ({}, ("storage", "database")),
        ({"storage": "Elsewhere", "database": "sqlite:///one.sqlite"}, ("database",)),
        ({"database": "sqlite:///other.sqlite"}, ("storage",)),
        ({"storage": "Elsewhere"}, ()),
    ],
)
def test_sessions_of_two_brokers_are_kept_apart(
    tmp_path: Path, own: dict[str, str], shared: tuple[str, ...]
) -> None:
    """C-ONCE-1: each counts its sessions by itself; the second one's replaced the first one's."""
    table = '[[portals]]\nnickname = "{0}"\nurl = "https://{0}.example"\nusername = "u"\n'
    one = "database" if own.get("database", "").endswith("one.sqlite") else ""
    text = table.format("a") + (f'{one} = "sqlite:///one.sqlite"\n' if one else "")
    text += table.format("b") + "".join(f'{name} = "{said}"\n' for name, said in own.items())
    environment = {"BROKER_CLIENT_A_PASSWORD": "x", "BROKER_CLIENT_B_PASSWORD": "x"}
    file = written(tmp_path, text)

    found = mistakes(file, environment) if shared else []
    assert [mistake.split(":")[0] for mistake in found] == ["portals a and b" for _ in shared]
    assert [mistake.split()[4] for mistake in found] == list(shared)
    if not shared:
        assert len(load(file, environment).portals) == 2


def test_two_portals_of_one_broker_may_share_a_folder(tmp_path: Path) -> None:
    """C-MULTI-1: a broker gives no session's number twice."""
    table = '[[portals]]\nnickname = "{0}"\nurl = "https://b.example"\nusername = "{0}"\n'
    environment = {"BROKER_CLIENT_A_PASSWORD": "x", "BROKER_CLIENT_B_PASSWORD": "x"}

    found = load(written(tmp_path, table.format("a") + table.format("b")), environment).portals

    assert found[0].storage == found[1].storage


def test_looking_needs_no_password(tmp_path: Path) -> None:
    """`status` works for those who may not log on."""
    environment = {k: v for k, v in GOOD.items() if not k.endswith("PASSWORD")}

    (portal,) = load(None, environment, need_password=False).portals

    assert portal.password is None
    assert mistakes(None, environment)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    """What cannot be read stops the start as well."""
    assert "No such file" in mistakes(tmp_path / "none.toml", {})[0]
    assert "not TOML" in mistakes(written(tmp_path, "portals = ["), {})[0]
    assert "url is missing" in "\n".join(mistakes(None, {}))


def test_who_names_no_file_is_told_how_to_get_one(tmp_path: Path) -> None:
    """`broker-client run` alone named three settings, and no way to set them."""
    assert "no settings file is named" in mistakes(None, {})[0]
    assert "config --example" in mistakes(None, {})[0]
    assert "no settings file" not in "\n".join(mistakes(written(tmp_path, ""), {}))


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "http://[::",
        "http://a b",
        "http://broker.example:x",
        "http://a:99999",
        "ftp://a",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    """C-NET-1: it is told, not tried again and again as if the broker were away."""
    (said,) = mistakes(None, GOOD | {"BROKER_CLIENT_URL": url})

    assert "url must begin with https://" in said


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00+14:00"])
def test_an_instant_beyond_the_calendar(time: str) -> None:
    """C-STORE-1: a zone may lead over its edge."""
    assert "not a time" in mistakes(None, GOOD | {"BROKER_CLIENT_START_AT": time})[0]


@pytest.mark.parametrize("name", ["STORAGE", "STATE", "CA_FILE"])
def test_places_that_cannot_be_used(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """C-STORE-1: a file in the place of a folder, and certificates that are none."""
    (tmp_path / "file").write_text("x")
    settings = {"STORAGE": str(tmp_path / "storage"), "STATE": str(tmp_path / "state")}
    settings[name] = str(tmp_path / "file")
    given = GOOD | {f"BROKER_CLIENT_{key}": value for key, value in settings.items()}
    for key, value in given.items():
        monkeypatch.setenv(key, value)

    assert main(["fetch", "--session", "1"]) == Exit.USAGE
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(tmp_path / "file") in said
