"""A page is all that a machine shows at one step: plain data, drawn by `screens`, spoken by the voice, tested as text.

A page names *what*, never *how*: kind (which drawing), keys with stable names, texts by key, and the slots it waits on
(`at`: lights, halo and enabled slots follow). `step` is the page's purpose; the engine appends `#visit`. The strip, the
halo, the clock and the time-out ring belong to the overlay and are not in it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal[
    "Menu",
    "Message",
    "PinEntry",
    "Amount",
    "List",
    "Form",
    "Insert",
    "Take",
    "Pay",
    "Map",
    "Seats",
    "Gate",
    "Chat",
    "Paper",
    "Goods",
    "Face",
    "Video",
    "Home",
    "Debrief",
    "Touch",
    "PhoneHome",
    "Tiles",
    "Hall",
]
"""Hall: the windows of a hall with what is called, or one window with who speaks there (`Body.windows`). Paper: what
lies on the desk: a form (rows, the one being filled marked "next"), a slip, or the papers that one carries (keys
`paper.*`). Chat: what was said, one bubble a sentence. Goods: things to buy, each with its picture, or one
(`Body.icon`). PhoneHome: the first page of a telephone, or of an app on it (`Body.icon`).

Tiles: things to choose by their picture, and how far somebody is in each.

Video: somebody far away on the glass, and the time that is left. Home, Debrief and Touch are the lobby's: tiles with
progress, what a run proved, and one round key that a hand shows how to press.
"""
SKIP = "scene.skip"
"""The key that passes over what is met beside an errand. It costs nothing, and is nothing that anybody is led to."""
Role = Literal["primary", "choice", "digit", "field", "back", "danger"]


class Text(msgspec.Struct, frozen=True):
    """A text by key. An argument whose name ends in `_fen` is shown as money, in `_ms` as a date; others as they
    are.
    """

    key: str
    args: tuple[tuple[str, int | str], ...] = ()


def text(key: str, **args: int | str) -> Text:
    """Make a `Text` with its arguments by name."""
    return Text(key, tuple(args.items()))


class Key(msgspec.Struct, frozen=True):
    """Something to press. `name` is a stable `area.item`, equal in all skins and languages; `value` goes with the
    tap.
    """

    name: str
    role: Role
    text: Text
    value: str = ""
    sub: Text | None = None
    """A smaller second line."""
    icon: str = ""
    progress: int = -1
    """0..100 draws a bar; -1 none."""
    state: Literal["", "on", "off"] = ""
    """on: what is chosen now; off: pressed, it only says why it cannot be had."""


class Timer(msgspec.Struct, frozen=True):
    """The page's own time-out; runs while the step stands. `hand_ms`: how long the person has, where that is less."""

    name: str
    ms: int
    hand_ms: int = 0


class Row(msgspec.Struct, frozen=True):
    """A line of a list, a receipt preview or a debrief: label, value, and a state drawn as shape + colour.

    A line of a timetable has more: `cells`, columns of an upper and a lower text that say the same as its label to the
    eye, and `keys`, the names of the page's keys that stand in it.
    """

    label: Text
    value: Text | None = None
    mark: Literal["", "ok", "warn", "bad", "next"] = ""
    cells: tuple[tuple[Text, Text], ...] = ()
    keys: tuple[str, ...] = ()


class Track(msgspec.Struct, frozen=True):
    """A line of a map: its number, colour ("#RRGGBB") and pattern, by which it is told without colours; the codes of
    its stops in order (values of their keys); `way`: the corners of its course on a field of 100 by 60, where it is
    drawn.
    """

    number: str
    colour: str
    pattern: str
    stops: tuple[str, ...]
    way: tuple[tuple[int, int], ...] = ()


class Surroundings(msgspec.Struct, frozen=True):
    """The place outside a telephone where one stands with it: the name over the door, pictures of who is
    there and of what one gets, and what the till's display says.
    """

    name: Text
    who: str = ""
    thing: str = ""
    due: Text | None = None


class Journey(msgspec.Struct, frozen=True):
    """A ticket before it is bought: train, stations, times, day, class, price, and each seat with the masked ID number
    of who sits there.
    """

    train: Text
    origin: Text
    target: Text
    leaves: str
    arrives: str
    day: Text
    kind: Text
    fen: int
    seats: tuple[tuple[str, Text], ...] = ()


class ServiceWindow(msgspec.Struct, frozen=True):
    """A window of a hall: its number, what is done there, and what its display says; `called`: it calls one's own
    number now.
    """

    number: int
    serves: Text
    shows: Text | None = None
    called: bool = False


class Body(msgspec.Struct, frozen=True):
    """The content between title and keys. Each kind reads the fields it knows; all are plain data.

    lines: sentences · rows: a table · digits/length: entered and wanted count of a PIN · field: the text typed so far ·
    card: the number's visible part · amount_fen: a large figure · icon: a drawing's name ·
    code: what a code on the glass (QR) says · trail: the errand's steps in order, done (mark "ok"), now ("next"), to
    come; a value is what was chosen there · tracks: the lines of a map; track: the number of the one that is shown
    alone; spot: where on the field of `Track.way` one stands.
    """

    lines: tuple[Text, ...] = ()
    rows: tuple[Row, ...] = ()
    digits: int = 0
    length: int = 0
    field: str = ""
    field_key: str = ""
    card: str = ""
    amount_fen: int = -1
    icon: str = ""
    code: str = ""
    trail: tuple[Row, ...] = ()
    tracks: tuple[Track, ...] = ()
    track: str = ""
    spot: tuple[int, ...] = ()
    board: Literal["", "digits", "letters", "pinyin"] = ""
    """The keyboard of the open field; empty: a number pad."""
    banner: Text | None = None
    """What comes in from above while something else is being done: a new message."""
    face: str = ""
    """The picture of whoever says the sentences."""
    place: Surroundings | None = None
    carried: tuple[str, ...] = ()
    """Pictures of what the person has with them, one a piece: outside a telephone, on the table."""
    journey: Journey | None = None
    """The ticket that is about to be bought; its rows say the same."""
    whom: Text | None = None
    """Who gets the money: what must be read before anything else. A row says the same."""
    heading: Text | None = None
    """What stands at the head of the paper that the page shows."""
    subject: str = ""
    """What the hand in the picture (`icon`) acts on: the pictogram of a lesson."""
    windows: tuple[ServiceWindow, ...] = ()
    """The windows of a hall, or the one at which one stands."""
    seated: int = 0
    """So many people sit in the hall and wait before one."""
    bar: str = ""
    """What a bar code below the code on the glass says; empty: there is none."""


class Page(msgspec.Struct, frozen=True):
    """One step as data; see the file's head."""

    kind: Kind
    step: str
    title: Text
    say: Text | None = None
    body: Body = Body()
    keys: tuple[Key, ...] = ()
    timer: Timer | None = None
    at: tuple[str, ...] = ()
    due_fen: int = 0
    private: bool = False

    def key(self, name: str) -> Key | None:
        """Return the key of that name, or None."""
        return next((key for key in self.keys if key.name == name), None)
