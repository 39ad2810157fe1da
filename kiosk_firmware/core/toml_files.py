"""TOML into structs, with errors that name the file: the one way in which data files of this project are read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

_WIDE = dict(zip("“”‘’＂＝，［］【】", '""\'\'"=,[][]', strict=True))
"""What a Chinese keyboard types where TOML wants the plain sign."""
_SAID = {
    "Invalid value": "no value; allowed are a text in quotes, a number, true, false, a list",
    "Invalid statement": "allowed is KEY = VALUE or [TABLE]",
    "Cannot overwrite a value": "this key stands above already",
    "Cannot declare": "this table stands above already",
}


def read_toml(path: Path) -> dict[str, Any]:
    """Read and decode a TOML file.

    Raises:
        ValueError: it is not TOML; names the file and the place.
    """
    return parse_toml(path.read_text(encoding="utf-8"), path.name)


def read_written_toml(path: Path) -> dict[str, Any]:
    """Read and decode a TOML file that people write: also as some editors save it, with a mark before its first word.

    Raises:
        ValueError: there is none, it is no text or no TOML; names the file, and what is allowed.
    """
    try:
        return parse_toml(path.read_text(encoding="utf-8-sig"), str(path))
    except FileNotFoundError as error:
        raise ValueError(f"{path}: no such file") from error
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ValueError(f"{path}: line {line} is not UTF-8; save the file as UTF-8") from error


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """Decode TOML from a text; `file` is its name in errors."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file}: {_where(text, str(error))}") from error


def _where(text: str, said: str) -> str:
    """Add to a decoder's message the line itself, and the usual cause where it can be seen."""
    found = re.search(r"\(at line (\d+), column (\d+)\)", said)
    lines = text.splitlines()
    if found is None or int(found[1]) > len(lines):
        return said
    line = lines[int(found[1]) - 1]
    wide = sorted(set(_WIDE) & set(line.partition("#")[0]))
    hint = f"; {' '.join(wide)} must be typed as {' '.join(_WIDE[one] for one in wide)}" if wide else ""
    what = said[: found.start()].strip()
    meant = next((words for start, words in _SAID.items() if what.startswith(start)), what)
    shown = "…" if "password" in line else line.strip()[:80]
    return f"line {found[1]}, column {found[2]}: {meant}{hint}: {shown}"


def decode(data: Any, kind: Any, file: str) -> Any:
    """Convert data to a struct of that kind.

    Raises:
        ValueError: they do not fit; names file, key and what is allowed.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"{file}: {error}") from error
