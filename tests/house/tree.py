"""What the house tests look at: the files that git keeps or would keep, and the modules among them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kiosk_firmware", "hardware", "screens", "deploy")


@cache
def files() -> tuple[Path, ...]:
    """Every file tracked, or new and not ignored, that still stands."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    return tuple(sorted({path for name in listing.split("\0") if name and (path := ROOT / name).is_file()}))


def python_files(*rooms: str) -> list[Path]:
    """The Python files of the rooms named."""
    return [p for p in files() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in rooms]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """Return the dotted name under which a file is imported."""
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def exists(module: str) -> bool:
    """Whether a file provides this module of ours; nothing is imported."""
    base = ROOT.joinpath(*module.split("."))
    return base.with_suffix(".py").is_file() or (base / "__init__.py").is_file()


def text(path: Path) -> str | None:
    """The file as text, or None for a binary one."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
