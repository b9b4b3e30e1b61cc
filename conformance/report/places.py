"""Where reports are to go: made before anything is judged, so that no judging was in vain."""

from argparse import Namespace
from pathlib import Path


def check_places(given: Namespace) -> None:
    """Make the folders that `--report`, `--certify`, `--json` and `--junit` need.

    Raises:
        ValueError: one of them cannot be written.
    """
    folders = {"--report": given.report, "--certify": given.certify}
    files = {"--json": given.json, "--junit": given.junit}
    for option, path in {**folders, **files}.items():
        if path is not None:
            _make(option, path, path if option in folders else path.parent)


def _make(option: str, path: Path, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{option} {path} cannot be written: {error.strerror}; name another place"
        raise ValueError(msg) from error
    if path != folder and path.is_dir():
        msg = f"{option} {path} cannot be written: it is a folder; name a file"
        raise ValueError(msg)
