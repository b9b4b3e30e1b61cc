"""How a client is started: what an adapter says becomes arguments, environment and files."""

import re
from importlib import resources
from pathlib import Path

import pytest

from conformance.client.adapter import BadAdapter, Unsupported, filled, parsed, read, shipped

WHOLE = """
command = ["my-client"]
[start]
environment = { MY_PASSWORD = "{password}" }
files = { "my.ini" = "url={wsdl}\\n" }
[verbs.watch]
arguments = ["follow"]
[options.interval]
files = { "my.ini" = "interval={interval}\\n" }
"""
VALUES = {"wsdl": "http://broker.example/x?wsdl", "password": "secret", "interval": "1"}


def test_placeholders_are_filled_in_arguments_environment_and_files() -> None:
    """What several parts say of one file stands in it one after the other."""
    start = parsed(WHOLE).start("watch", ["interval"], VALUES)

    assert start.command == ("my-client", "follow")
    assert start.environment == {"MY_PASSWORD": "secret"}
    assert start.files == {"my.ini": "url=http://broker.example/x?wsdl\ninterval=1\n"}


def test_the_command_line_s_command_comes_before_the_adapter_s() -> None:
    """So that one adapter serves several builds of a client."""
    assert parsed(WHOLE, ["other", "client"]).command == ("other", "client")


@pytest.mark.parametrize(("verb", "option"), [("fetch", "interval"), ("watch", "proxy")])
def test_what_an_adapter_leaves_out_is_not_supported(verb: str, option: str) -> None:
    """A case that needs it is not tried."""
    with pytest.raises(Unsupported, match="has no"):
        parsed(WHOLE).start(verb, [option], VALUES)


def test_every_mistake_is_named_at_once() -> None:
    """A slip of the pen is not silently ignored."""
    text = '[verbs.wach]\narguments = ["{wsdi}"]\n[options.speed]\n[observe]\nwhere = 1\n[more]\n'
    with pytest.raises(BadAdapter) as caught:
        parsed(text)

    for word in ("wach", "speed", "observe.where", "more", "{wsdi}", "no command"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("command = 'my-client run'", "command is no list of words"),
        ("start = 5", "start is no table"),
        ("[start]\narguments = '--all'", "start.arguments is no list of words"),
        ("[start]\nfiles = 5", "start.files is no table of texts"),
        ("[verbs]\nwatch = 5", "verbs.watch is no table"),
        ("[verbs.watch]\nenvironment = { A = [] }", "verbs.watch.environment is no table of texts"),
        ("options = 5", "options is no table"),
        ("[options]\ninterval = 5", "options.interval is no table"),
        ("observe = 5", "observe is no table"),
        ("[observe]\narchive = 'x'", "observe.archive is neither true nor false"),
        ("[observe]\ndatabase = 5", "observe.database is no text"),
        ("[observe]\ncommand = 'list it'", "observe.command is no list of words"),
    ],
)
def test_a_value_of_another_kind_is_a_mistake_of_the_file(line: str, named: str) -> None:
    """A command that is one text was once started letter by letter."""
    with pytest.raises(BadAdapter, match=f"adapter: {re.escape(named)}$"):
        parsed(f"{line}\n[verbs.fetch]\n", ["x"])


def test_what_is_no_toml_or_no_file_is_told() -> None:
    """With the names of those that come along."""
    with pytest.raises(BadAdapter, match="no TOML"):
        parsed("= broken")
    with pytest.raises(BadAdapter, match="plain"):
        read("no-such-adapter.toml", ["x"])


@pytest.mark.parametrize("name", shipped())
def test_the_adapters_that_come_along_can_be_read(name: str) -> None:
    """Each can watch and fetch."""
    adapter = read(name, ["client"])

    assert {"watch", "fetch"} <= adapter.verbs.keys()


def test_a_placeholder_without_a_value_becomes_empty_and_braces_of_others_stay() -> None:
    """JSON in a file keeps its braces."""
    assert filled('{"a": "{proxy}{wsdl}"}', VALUES) == '{"a": "http://broker.example/x?wsdl"}'


def test_the_adapter_of_the_manual_is_read_as_it_stands() -> None:
    """docs/client-suite.md: every key that it shows is taken, its second part of a file too."""
    page = Path(str(resources.files("conformance"))).parent / "docs" / "client-suite.md"
    text = page.read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    start = parsed(example).start("watch", ["interval"], {**VALUES, "folder": "/case"})

    assert start.command == ("my-client", "--config", "/case/my.ini", "follow")
    assert start.files["my.ini"].endswith("interval=1\n")
