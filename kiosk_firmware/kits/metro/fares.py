"""Reckon what a ride costs: by distance, in dated steps, with what is taken off for a stored-value card.

Source: the city metro's published fare table and riding rules, section b3 of the shared reference; figures stand in
`rulepack.toml` beside this file and are held to the reference by tests.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.kits.metro.ticket_record import Holder

DAY_MIN = 1440
FIRST_WEEKDAY, SATURDAY = 2, 5
"""2020-01-01, where a card begins to count, was a Wednesday (Monday is 0)."""


class FareRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated fares. `steps`: (metres up to and with, fen), rising; beyond the last one `beyond_fen` for each begun
    `beyond_m`. `stored_bp`: what a stored-value card pays, in basis points. `most_fen`: the dearest ride of the
    network, which a lost token and too long a stay cost. `least_fen`: a card with less is not let in. `stay_min`: how
    long one may stay inside. `student_bp`: what a student's card pays. `peaks`: minutes of a working day, from and
    until, in which who is seventy or more pays as everybody does; else they ride for nothing.
    """

    steps: tuple[tuple[int, int], ...]
    beyond_m: int
    beyond_fen: int
    stored_bp: int
    most_fen: int
    least_fen: int
    stay_min: int
    student_bp: int
    peaks: tuple[tuple[int, int], ...]

    def fare(self, metres: int) -> int:
        """Return the fare of a single ride of that length, in fen."""
        for most_m, fen in self.steps:
            if metres <= most_m:
                return fen
        last_m, last_fen = self.steps[-1]
        return last_fen - (last_m - metres) // self.beyond_m * self.beyond_fen

    def stored_fare(self, metres: int) -> int:
        """Return the fare with a stored-value card, in fen; a part of a fen is dropped."""
        return self.fare(metres) * self.stored_bp // 10_000

    def is_peak(self, minute: int) -> bool:
        """Return whether that moment (a card's minutes) is in a peak of Monday to Friday; holidays are not known."""
        day, now = divmod(minute, DAY_MIN)
        return (day + FIRST_WEEKDAY) % 7 < SATURDAY and any(start <= now < end for start, end in self.peaks)

    def card_fare(self, metres: int, holder: Holder, entered: int) -> int:
        """Return what a card of that holder pays who went in at that moment, in fen."""
        if holder == "student":
            return self.fare(metres) * self.student_bp // 10_000
        if holder == "senior" and not self.is_peak(entered):
            return 0
        return self.stored_fare(metres)

    def least(self, holder: Holder, now: int) -> int:
        """Return with how much a card of that holder is let in at that moment, fen."""
        return 0 if holder == "senior" and not self.is_peak(now) else self.least_fen


class MetroRules(FareRules, frozen=True, forbid_unknown_fields=True):
    """Everything that is dated of the metro's machines, in one pack. Tickets: notes that pay for one, how many at once.
    Cards: the price of an empty one, notes that load one, the most that one may carry. `undo_min`: how long the
    desk takes an entry back for nothing at its own station. `advice_min`: within which a ticket is best used.
    `child_cm`: a child less tall rides for nothing. Times in ms.
    """

    ticket_notes_fen: tuple[int, ...]
    tickets_most: int
    card_price_fen: int
    load_notes_fen: tuple[int, ...]
    card_most_fen: int
    cash_notes: int
    undo_min: int
    child_cm: int
    advice_min: int
    page_ms: int
    pay_ms: int
    take_ms: int
    note_ms: int
    pass_ms: int
