"""List all machines by the `entry.toml` of their folders, and the places that they make.

Names, icons, devices; no rules, so that the office and the kiosk's first frame pay for none. `machine_loader` reads the
rest of the folders by it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from kiosk_firmware.core import toml_files
from kiosk_firmware.core.events import Device, Fault


class HeldThing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing that somebody has in their hands once a fact of the machine is so (`equal`: only with this value): its
    picture, as many times as the fact counts, or as its sum has notes of that value. `unless`: facts that take it away.
    """

    fact: str
    picture: str
    equal: str = ""
    unless: tuple[str, ...] = ()


class CatalogueEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One machine of the catalogue: names, an icon, the devices that a unit must have, and those it makes use of."""

    id: str
    name: dict[str, str]
    sub: dict[str, str]
    icon: str
    needs: tuple[Device, ...]
    uses: tuple[Device, ...]
    """`needs` and more, in the order of a hand: what a unit of this kind should have to look like the real one."""
    opens: tuple[str, ...] = ()
    """Parts of its place that it may open for a request (`core.place`)."""
    shares: str = ""
    """The kit whose texts it has, besides its own: a folder of this package with zh.toml and en.toml."""
    faults: tuple[Fault, ...] = ()
    """What can be armed at it besides the faults of its devices: what happens elsewhere in the world."""
    rank: int = 1000
    """Its place on the home page and wherever machines are listed; equal ones by name."""
    holds: tuple[HeldThing, ...] = ()
    """What a run at it leaves in somebody's hands: the debrief shows it large."""
    act: Literal["act_card", "act_coin", "act_ident", "act_phone", "act_paper"] = "act_phone"
    """With what its errands begin: what the hand shows beside a task."""
    gallery: str = ""
    """The page whose picture shows it in the README (`deploy/generate_gallery.py`); empty: it is not shown there."""


def entries(base: Path) -> tuple[CatalogueEntry, ...]:
    """Read the `entry.toml` of each machine's folder, by rank, then by name.

    Raises:
        ValueError: a file is wrong; names machine, key and what is allowed.
    """
    found = []
    for path in base.glob("*/entry.toml"):
        id_, file = path.parent.name.replace("_", "-"), f"{path.parent.name}/{path.name}"
        if "id" in (line := toml_files.parse_toml(path.read_text(encoding="utf-8"), file)):
            raise ValueError(f"{file}: id: not allowed; a machine is called what its folder is called")
        found.append(toml_files.decode({"id": id_, **line}, CatalogueEntry, file))
    return tuple(sorted(found, key=lambda line: (line.rank, line.id)))


MACHINES: tuple[CatalogueEntry, ...] = entries(Path(__file__).parent.parent / "machines")


class ErrandPlace(msgspec.Struct, frozen=True):
    """Machines that one goes to in one errand, as one tile of the home page: what is in the pocket goes along from one
    to the next. `stops`: instead of parts, (machine, lesson) in the order that life demands, done one by one, today or
    on another day; these lessons carry on, and their own persons are who comes there anew.
    """

    id: str
    name: dict[str, str]
    sub: dict[str, str]
    icon: str
    parts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Machines with a tile of their own, to and from which what is in the pocket goes along, too."""
    stops: tuple[tuple[str, str], ...] = ()


PLACES: tuple[ErrandPlace, ...] = (
    ErrandPlace(
        "metro",
        {"zh": "坐地铁", "en": "The metro"},
        {"zh": "买票、过闸、问讯", "en": "Ticket, gate, desk"},
        "metro",
        ("metro-ticket", "metro-gate", "metro-desk"),
    ),
    ErrandPlace(
        "counters",
        {"zh": "办事大厅", "en": "The counters"},
        {"zh": "银行和政务窗口", "en": "Bank and offices"},
        "counter",
        (
            "bank-counter",
            "id-card",
            "social-insurance",
            "medical-insurance",
            "civil-affairs",
            "business-counter",
            "legal-desk",
        ),
        ("atm",),
    ),
    ErrandPlace(
        "phone",
        {"zh": "用手机", "en": "The phone"},
        {"zh": "号码、付钱、买东西", "en": "Number, money, shop"},
        "phone",
        ("mobile-shop", "account", "payment", "shop", "social"),
    ),
    ErrandPlace(
        "first-week",
        {"zh": "出来第一周", "en": "The first week out"},
        {"zh": "先办哪样，后办哪样", "en": "What comes first"},
        "person",
        stops=(
            ("legal-desk", "week-report"),
            ("id-card", "week-book"),
            ("id-card", "week-card"),
            ("mobile-shop", "week-number"),
            ("bank-counter", "week-bank"),
            ("atm", "week-try"),
            ("medical-insurance", "week-cover"),
        ),
    ),
)
