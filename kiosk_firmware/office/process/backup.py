"""`kiosk office backup` and `restore`: the office's folder in one file, while the office runs, and back.

A database that is written to is not copied as a file: SQLite gives a whole copy of one instant, with everything that
was committed. What units were told is stored by then is in it, or is asked for again: after a restore `kiosk office
proof` names what is missing, and units send what was not acknowledged. Keys lie in it: mode 0600, and it belongs where
the office's own disk does. A PostgreSQL is not in it; it has its own means.
"""

from __future__ import annotations

import argparse
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from kiosk_firmware.storage.read_only import connect
from kiosk_firmware.system.durable_files import make_folder, move_whole

LEFT_OUT = ("-wal", "-shm", ".sock", ".pid")
"""How the names of files end that belong to a running process alone."""
LOG = "log"


def main(verb: str, arguments: Sequence[str]) -> int:
    """See the file's head; `verb` is `backup` or `restore`. Returns 0.

    Raises:
        ValueError: there is no office in the folder, or one that a restore would overwrite; names it.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk office {verb}", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE.tar")
    parser.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="the office's folder")
    chosen = parser.parse_args(arguments)
    {"backup": backup, "restore": restore}[verb](chosen.file, chosen.state)
    return 0


def backup(file: Path, state: Path) -> None:
    """Write the folder into a new file; one that is there is replaced when the new one is whole.

    Raises:
        ValueError: there is no office in the folder.
    """
    if not state.is_dir() or not any(state.iterdir()):
        raise ValueError(f"{state}: no office's folder")
    make_folder(file.parent)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as scratch:  # mode 0700
        fresh = file.with_name(f".{file.name}.new")
        with tarfile.open(fresh, "w") as tar:
            fresh.chmod(0o600)
            for path in sorted(_files_to_keep(state)):
                tar.add(_at_one_instant(path, Path(scratch)), path.relative_to(state), recursive=False)
        move_whole(fresh, file)
    print(f"{file}: {file.stat().st_size} bytes; keys are in it, keep it as you keep the office's disk")


def _files_to_keep(state: Path) -> Iterator[Path]:
    for path in state.rglob("*"):
        inside = path.relative_to(state)
        if inside.parts[0] != LOG and not path.name.endswith(LEFT_OUT) and (path.is_file() or path.is_dir()):
            yield path


def _at_one_instant(path: Path, scratch: Path) -> Path:
    """Return a file as it is; a database as SQLite copies it while others write."""
    if path.suffix != ".db" or not path.is_file():
        return path
    copy = scratch / "copy.db"
    copy.unlink(missing_ok=True)
    with closing(connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o600)
    return copy


def restore(file: Path, state: Path) -> None:
    """Make an office's folder of a backup.

    Raises:
        ValueError: something is in the folder already, or the file is no backup.
    """
    if state.exists() and any(state.iterdir()):
        raise ValueError(f"{state}: something is there already; allowed is a folder that is empty or not there")
    fresh = state.with_name(f".{state.name}.new")
    make_folder(fresh, 0o700)
    try:
        with tarfile.open(file) as tar:
            tar.extractall(fresh, filter="data")
    except tarfile.TarError as error:
        raise ValueError(f"{file}: no backup of an office: {error}") from error
    if state.exists():
        state.rmdir()
    move_whole(fresh, state)
    print(f"{state}: restored; start the office, then look at: kiosk office proof --state {state}")
