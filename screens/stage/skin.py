"""A skin's look: everything that may differ between two machines of one kind for the eye alone.

The `[look]` table of a machine's skins.toml is decoded into a frozen `SkinLook`. Rules never read it and it never
reaches a state, so two skins can be compared, pictured and tested without touching the machine. Colours are "#RRGGBB"
or "#RRGGBBAA"; a translucent one is laid over what lies below it. Status colours (right, careful, wrong) are not a
skin's to choose: they are the same on every page, and always come with a shape and a word (`STATUS`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

Rgba = tuple[float, float, float, float]
"""Red, green, blue, opacity, each 0..1."""

Layout = Literal[
    "atm-side",
    "atm-touch",
    "rail-rows",
    "rail-cards",
    "metro-map",
    "metro-list",
    "gate-wide",
    "gate-full",
    "phone-left",
    "phone-right",
    "lobby",
]
"""Cash machines with keys beside the glass or on it; ticket machines with the errand's steps in a bar and trains in
rows, or with the steps in a column and trains on cards; the metro's in the same two ways, with a map or with lists;
gates whose sign is a field beside the words, or the whole page; a telephone at the left or right of the glass; the
unit's own pages.
"""
RoleLook = Literal["key", "primary", "back", "danger"]


class KeyLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The look of keys of one role; `pressed` is the ground while a finger is down."""

    ground: str
    border: str
    ink: str
    pressed: str
    pressed_ink: str
    radius: int = 22


class HeaderLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The band at the top. `name` and `sub` are text keys, empty for none."""

    ground: str
    ink: str
    ink_soft: str
    mark: Literal["wave", "barn", "train", "ticket", "metro", "gate", "plane", "phone", "none"]
    mark_ground: str
    mark_ink: str
    name: str
    sub: str


class PanelLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cards that hold text; a quiet border, since nobody presses them."""

    ground: str
    border: str
    ink: str
    ink_soft: str


class CardLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The drawn bank card."""

    ground: str
    border: str
    ink: str


class SkinLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole skin's look; see the file's head."""

    layout: Layout
    chevrons: Literal["out", "in", "none"]
    ground: tuple[str, ...]
    shading: Literal["flat", "down", "glow"]
    ink: str
    ink_soft: str
    accent: str
    accent_ink: str
    header: HeaderLook
    panel: PanelLook
    key: KeyLook
    primary: KeyLook
    back: KeyLook
    danger: KeyLook
    card: CardLook
    clerks: tuple[str, ...] = ("clerk_tie", "clerk_pony", "clerk_old")
    """Who sits at the windows of a hall, by their numbers: each stays the same person for the whole run."""

    @property
    def rail(self) -> bool:
        """A ticket machine's layout."""
        return self.layout.startswith(("rail", "metro"))

    @property
    def phone(self) -> bool:
        """A telephone that lies on the glass."""
        return self.layout.startswith("phone")

    @property
    def bar(self) -> bool:
        """The errand's steps stand in a bar below the header, not in a column at the left."""
        return self.layout in ("rail-rows", "metro-map")

    def clerk(self, window: int) -> str:
        """Return the name of the picture of who sits at a window."""
        return self.clerks[window % len(self.clerks)]

    def of(self, role: str) -> KeyLook:
        """Return the look of keys of that role."""
        match role:
            case "primary":
                return self.primary
            case "back":
                return self.back
            case "danger":
                return self.danger
            case _:
                return self.key


class StatusStyle(msgspec.Struct, frozen=True):
    """A state's colour and its drawing; pages add the word."""

    ground: str
    ink: str
    drawing: str


STATUS: Mapping[str, StatusStyle] = {
    "ok": StatusStyle("#1F6B4A", "#FFFFFF", "tick"),
    "warn": StatusStyle("#F0B400", "#2B2200", "alert"),
    "bad": StatusStyle("#A4262C", "#FFFFFF", "cross"),
    "next": StatusStyle("#FFC533", "#2B2200", "arrow"),
}
"""Green is dark and yellow is light, so that they differ in lightness for an eye that confuses red and green."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?")


def decode(table: Mapping[str, Any], source: str = "[look]") -> SkinLook:
    """Decode a skin's table as a `SkinLook`.

    Raises:
        ValueError: names the source, the key, its value and what is allowed.
    """
    try:
        look = msgspec.convert(dict(table), SkinLook)
    except msgspec.ValidationError as error:
        raise ValueError(f"{source}: {_explained(error, table)}") from None
    _check_colours(msgspec.to_builtins(look), source)
    if len(look.ground) != (1 if look.shading == "flat" else 2):
        raise ValueError(f"{source} ground = {list(look.ground)}: one colour where shading is flat, two otherwise")
    return look


def _explained(error: msgspec.ValidationError, table: Mapping[str, Any]) -> str:
    text = str(error)
    path = re.search(r"at `\$\.?([\w.]*)", text)
    if path is None or not path[1]:
        return text
    value: Any = table
    for name in path[1].split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return f"{path[1]} = {value!r}: {text}; allowed is {_allowed(path[1])}"


def _allowed(path: str) -> str:
    struct: Any = SkinLook
    for name in path.split("."):
        field = next((field for field in msgspec.structs.fields(struct) if field.name == name), None)
        if field is None:
            return "a table of screens/stage/skin.py"
        struct = field.type
    options = getattr(struct, "__args__", None)
    names = getattr(struct, "__struct_fields__", None)
    return str(names or (list(options) if options else getattr(struct, "__name__", struct)))


def _check_colours(value: Any, source: str, path: str = "") -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            _check_colours(part, source, f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple):
        for part in value:
            _check_colours(part, source, path)
    elif isinstance(value, str) and _is_colour_key(path) and not _COLOUR.fullmatch(value):
        raise ValueError(f'{source} {path} = {value!r}: allowed is "#RRGGBB" or "#RRGGBBAA"')


def _is_colour_key(path: str) -> bool:
    last = path.rsplit(".", 1)[-1]
    return (
        last in ("ground", "border", "pressed", "accent")
        or last.startswith("ink")
        or last.endswith("_ink")
        or (last == "mark_ground")
    )


@cache
def rgba(colour: str) -> Rgba:
    """Return a colour text as four numbers 0..1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in range(1, len(colour), 2)]
    red, green, blue, *alpha = parts
    return red, green, blue, alpha[0] if alpha else 1.0


@cache
def lobby() -> SkinLook:
    """Return the look of the unit's own pages."""
    return _own("lobby.toml")


@cache
def staff() -> SkinLook:
    """Return the look of the supervisor's pages: like no machine and no learner's page."""
    return _own("staff.toml")


def _own(name: str) -> SkinLook:
    path = Path(__file__).with_name(name)
    return decode(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
