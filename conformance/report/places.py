"""Where reports are to go: made before anything is judged, so that no judging was in vain."""

import tempfile
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
        _try(path)
    except OSError as error:
        msg = f"{option} {path} cannot be written: {error.strerror}; name another place"
        raise ValueError(msg) from error
    if path != folder and path.is_dir():
        msg = f"{option} {path} cannot be written: it is a folder; name a file"
        raise ValueError(msg)


def _try(path: Path) -> None:
    """Write there, and leave nothing: what may be written is known to the system alone.

    What is neither a file nor a folder, `/dev/stdout` or a pipe, is let be.

    Raises:
        OSError: it does not work.
    """
    if path.is_file():
        path.open("ab").close()
    elif path.is_dir() or not path.exists():
        with tempfile.TemporaryFile(dir=path if path.is_dir() else path.parent):
            pass
