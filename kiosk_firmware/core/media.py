"""Cards, tickets and tags as a reader tells of them, and what a run lends to the cabinet."""

from __future__ import annotations

import msgspec


class Media(msgspec.Struct, frozen=True):
    """The data that a reader can tell of a card: number, `expires` as YYMM, and whether it has a chip. `fen`: the
    balance that the card itself carries; None where it carries none. `trip`: what a ticket says of its journey, in the
    words of the machines that write it (`kits.metro`). `proved`: it carries the secret that the site gave it, which
    itself is in no event.
    """

    number: str
    expires: str = "9912"
    chip: bool = True
    fen: int | None = None
    trip: str = ""
    proved: bool = False


THINGS = (
    ("5199", "id_card"),
    ("9519", "id_card"),
    ("E99", "passport"),
    ("990077", "metro_card"),
    ("99000000000021", "metro_card"),
    ("99000", "metro_ticket"),
    ("99", "bank_card"),
)
"""What a number begins with, the longest first, and what the thing is that carries it (`thing.<name>`)."""


def thing_of(number: str) -> str:
    """Return what a person calls the thing that carries this number; "card" where its number says nothing."""
    return next((name for begins, name in THINGS if number.startswith(begins)), "card")


PHONE = "phone"
"""What a practice phone is told as at a tap reader, in place of a card's number."""


class Lent(msgspec.Struct, frozen=True):
    """The belongings that a run lends to the cabinet: the tickets (`passes`) that its person has, which real cards
    stand for, and the numbers of the person's `own` other cards, which stand for none. `prepare`: in a lesson cards
    carry what it says. `carried`: the person was at this unit just now, and the PINs that they chose there are theirs.
    `calm`: the person is new here, and a gate waits longer for them than outside.
    """

    passes: tuple[Media, ...] = ()
    own: frozenset[str] = frozenset()
    prepare: bool = False
    carried: bool = False
    calm: bool = False


NOTHING_LENT = Lent()
