"""The airline's flights and its cabin: when they leave, from which gate, and which seats others have.

Made from `flights.toml`. Which gate a flight leaves from and which seats are taken is invented but fixed: a checksum
over flight and day, so that a lesson finds tomorrow what its author found.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from zlib import crc32

import msgspec

TAKEN_PERCENT = 55


class Cabin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Rows `first` to `last`; `letters` of the seats in a row from window to window, a space for the aisle; `exits`:
    rows beside an emergency exit.
    """

    first: int
    last: int
    letters: str
    exits: tuple[int, ...]

    @cached_property
    def parts(self) -> tuple[tuple[str, range], ...]:
        """Front, middle and rear with their rows; a cabin of fewer than three rows is all front."""
        every = range(self.first, self.last + 1)
        third = -(-len(every) // 3)
        cut = (every[:third], every[third : 2 * third], every[2 * third :])
        return tuple((name, rows) for name, rows in zip(("front", "middle", "rear"), cut, strict=True) if rows)

    def part(self, seat: str) -> str:
        """Return which part the seat is in."""
        row = int(seat[:-1])
        return next((name for name, rows in self.parts if row in rows), self.parts[0][0])

    def side(self, seat: str) -> str:
        """Return whether the seat is at the window, at the aisle, or between two others ("between")."""
        at = self.letters.index(seat[-1])
        if at in (0, len(self.letters) - 1):
            return "window"
        return "aisle" if " " in self.letters[at - 1 : at + 2] else "between"

    def is_exit(self, seat: str) -> bool:
        """Return whether the seat is beside an emergency exit."""
        return int(seat[:-1]) in self.exits

    @cached_property
    def seats(self) -> tuple[str, ...]:
        """All seats, row by row."""
        rows, letters = range(self.first, self.last + 1), self.letters.replace(" ", "")
        return tuple(f"{row}{letter}" for row in rows for letter in letters)


class FlightFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`flights.toml`; its rows are told at its head. `taken`: seats of a flight, where they are not to be invented."""

    airports: tuple[str, ...]
    rows: tuple[str, ...]
    taken: dict[str, tuple[str, ...]]
    cabin: Cabin

    def place_names(self) -> Iterator[tuple[str, str]]:
        """Yield every airport's name, and in Latin letters as it is shown; a speaker who lends a voice says them."""
        return ((one.name, one.latin) for one in map(_airport, self.airports))


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The machine's data files."""

    flights: FlightFile


class Airport(msgspec.Struct, frozen=True):
    """An airport: code, name, name in Latin letters."""

    code: str
    name: str
    latin: str


class Flight(msgspec.Struct, frozen=True):
    """A flight of every day: `leaves` and `arrives` in minutes from its day's midnight (over 1440: the next day)."""

    no: str
    origin: str
    target: str
    leaves: int
    arrives: int


class Flights:
    """The airline's data about its flights; only read."""

    def __init__(self, data: Data) -> None:
        """Take the rows apart.

        Raises:
            ValueError: a row is wrong; names it and what is allowed.
        """
        self.cabin = data.flights.cabin
        self._taken = data.flights.taken
        self._seats: dict[tuple[str, int], tuple[str, ...]] = {}
        self.airports = {row[:3]: _airport(row) for row in data.flights.airports}
        self.by_no = {flight.no: flight for flight in map(self._flight, data.flights.rows)}

    def _flight(self, row: str) -> Flight:
        found = row.split()
        if len(found) != 5 or not {found[1], found[2]} <= set(self.airports):
            raise ValueError(f"flights.toml: {row!r}: allowed is number, from, to (codes of airports), minute, minutes")
        no, origin, target, leaves, lasts = found
        return Flight(no, origin, target, int(leaves), int(leaves) + int(lasts))

    def gate(self, no: str, day: int) -> str:
        """Return the gate as it was planned in the morning."""
        return str(101 + crc32(f"{no} {day} gate".encode()) % 60)

    def taken(self, no: str, day: int) -> tuple[str, ...]:
        """Return the seats that others have."""
        if no in self._taken:
            return self._taken[no]
        if (no, day) not in self._seats:
            dice = ((seat, crc32(f"{no} {day} {seat}".encode()) % 100) for seat in self.cabin.seats)
            self._seats[no, day] = tuple(seat for seat, n in dice if n < TAKEN_PERCENT)
        return self._seats[no, day]


def _airport(row: str) -> Airport:
    found = row.split()
    if len(found) != 3:
        raise ValueError(f"flights.toml: {row!r}: allowed is code, name, name in Latin letters")
    return Airport(found[0], found[1], found[2].replace("-", " "))
