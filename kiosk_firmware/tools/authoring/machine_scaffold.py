"""`kiosk new machine NAME`: write the folder of a machine that passes its tests at once, for a developer to grow.

The machine is a counter with one errand. Its files are the templates in `new_machine/`, where `$id`, `$folder`, the
names and two dates are filled in; `mutants.py` goes to `tests/mutants`, everything else to `kiosk_firmware/machines`.
"""

from __future__ import annotations

import argparse
import datetime
import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.system.durable_files import write_whole

TEMPLATES = Path(__file__).with_name("new_machine")
ROOT = Path(__file__).parents[3]
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
TITLE = re.compile(r'[^"\\$\x00-\x1f]{1,24}')
REVIEW_DAYS = 182
"""A rule pack is read again at least every half year."""


def main(name: str, arguments: Sequence[str]) -> int:
    """Write the files and say how to go on.

    Raises:
        ValueError: the name cannot be a machine's, is taken, or this is no checkout of the project.
    """
    chosen = _parser().parse_args(arguments)
    for path in write(ROOT, chosen.id, {"zh": chosen.zh, "en": chosen.en}):
        print(path.relative_to(ROOT))
    print(f"\nIt is tested by: ./kiosk test tests/machines tests/mutants tests/screens/test_machines.py -k {chosen.id}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk new", description="Begin something new in a checkout of the project.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    machine = kinds.add_parser("machine", help="a counter with one errand, which passes its tests")
    machine.add_argument("id", metavar="NAME", help="small letters, digits and hyphens: library-desk")
    machine.add_argument("--zh", default="办证窗口", metavar="NAME", help="its Chinese name (default 办证窗口)")
    machine.add_argument(
        "--en", default="Card counter", metavar="NAME", help='its English name (default "Card counter")'
    )
    return parser


def write(root: Path, id_: str, names: Mapping[str, str]) -> tuple[Path, ...]:
    """Write the machine into the checkout at `root`, and return the files.

    Raises:
        ValueError: see `main`.
    """
    folder = root / "kiosk_firmware" / "machines" / id_.replace("-", "_")
    _refuse(root, folder, id_, names)
    fields = {"id": id_, "folder": folder.name, **names, **_dates()}
    made = {_target(root, folder, path): _filled(path, fields) for path in sorted(TEMPLATES.glob("*.txt"))}
    folder.mkdir()
    for path, content in made.items():
        write_whole(path, content.encode(), 0o644)
    return tuple(made)


def _refuse(root: Path, folder: Path, id_: str, names: Mapping[str, str]) -> None:
    if not (root / "tests" / "mutants").is_dir():
        raise ValueError(f"{root}: not a checkout of the project; clone it and call ./kiosk new there")
    if not NAME.fullmatch(id_) or keyword.iskeyword(folder.name):
        raise ValueError(f"machine {id_!r}: allowed are small letters, digits and single hyphens, a letter first")
    taken = {path.stem.replace("-", "_") for path in (*folder.parent.iterdir(), *(root / "tests/mutants").glob("*.py"))}
    if folder.name in taken | {spot.id.replace("-", "_") for spot in machine_loader.PLACES}:
        raise ValueError(f"machine {id_!r}: there is a machine, a place or a file of that name")
    for option, name in names.items():
        if not TITLE.fullmatch(name):
            raise ValueError(f"--{option} {name!r}: allowed are 1 to 24 characters, without quotes, $ and backslash")


def _dates() -> dict[str, str]:
    today = machine_loader.today()
    return {"checked_on": str(today), "review_by": str(today + datetime.timedelta(days=REVIEW_DAYS))}


def _target(root: Path, folder: Path, template: Path) -> Path:
    name = template.name.removesuffix(".txt")
    return root / "tests" / "mutants" / f"{folder.name}.py" if name == "mutants.py" else folder / name


def _filled(template: Path, fields: Mapping[str, str]) -> str:
    return Template(template.read_text(encoding="utf-8")).substitute(fields)
