"""TOML into structs, with errors that name the file: the one way in which data files of this project are read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec


def read(path: Path) -> dict[str, Any]:
    """A TOML file, decoded.

    Raises:
        ValueError: it is not TOML; names the file and the place.
    """
    return parsed(path.read_text(encoding="utf-8"), path.name)


def parsed(text: str, file: str) -> dict[str, Any]:
    """The same of a text; `file` is what errors call it."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file}: {error}") from error


def decode(data: Any, kind: Any, file: str) -> Any:
    """Data as a struct of that kind.

    Raises:
        ValueError: they do not fit; names file, key and what is allowed.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"{file}: {error}") from error
