"""An ID-card reader on SDT as the unit's ID reader: a card laid on it is read once, and missed when it is lifted.

The theory. A card is looked for at each poll; found, it is selected and read. Most readers do not find a card again
that they have read until it was lifted, some do: so where none is found the selected card is asked for. What such a
look means is `laid.py`'s: the card lies open, the person has it all the while, nothing is held or given back.

What is practised with is a *practice number* (an area code or nationality that no authority was given). A genuine card
counts as the practice person that unit.toml names for it, or as foreign; its number, name and photo live in local
variables for as long as one poll takes, and are in no state, event, count or log. One card is told from another by a
hash with this process's salt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hardware.drivers.card_presence import CardPresence
from hardware.drivers.serial_device import DeviceCommand, Script, SerialDevice
from hardware.protocols import id_card_text, sdt
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import AnyEvent, Device, Media, Place

READ_MS = 3000
"""Authentication and 1295 bytes; the makers' own programs wait no longer."""
TRIES = 3
"""How often a card must fail to be read before it counts as unreadable."""
NEVER = "9912"
UNREADABLE = "unreadable"
"""The mark of any card that cannot be read."""


class IdSdt(SerialDevice):
    """The driver; see ``SerialDevice`` for its face. *person*: the practice number that a genuine card stands for."""

    CAN: ClassVar[frozenset[str]] = frozenset({"senses_taken"})
    POLL_MS = 50

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        at: Device = "id_reader",
        person: str = "",
    ) -> None:
        """Set up a reader on which nothing lies yet."""
        self._person = person
        self._laid = CardPresence(at, post)
        self._mark = ""
        self._media: Media | None = None
        self._failures = 0
        super().__init__(at, port, post, clock)

    def found(self) -> tuple[str, Place]:
        """Return the practice number of the card that lies there ("" for none or an unusable one), and whether one
        does.
        """
        return self._laid.found()

    def begin(self, known: bool) -> None:
        """Begin a run; see `CardPresence.begin`."""
        self._laid.begin(known)

    def health(self) -> dict[str, Any]:
        """Return ``SerialDevice.health``, with how many cards came and whether one lies there; never which."""
        return {**super().health(), "cards": self._laid.cards, "laid": self.found()[1] != "none"}

    # -- scripts ------------------------------------------------------------------------------------------------------

    def _new_host(self) -> sdt.Host:
        return sdt.Host()

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, sdt.NoAnswer)

    def _set_up(self) -> Script:
        outcome = yield DeviceCommand(sdt.STATUS)
        if not isinstance(outcome, sdt.Answer) or not outcome.good:
            self._fail()
            return
        yield from self._poll()  # whoever asks first must know what lies there

    def _poll(self) -> Script:
        found = yield DeviceCommand(sdt.FIND)
        if not isinstance(found, sdt.Answer):
            self._doubt(found)
        elif found.good:
            yield from self._read()
        elif self._mark:
            still = yield DeviceCommand(sdt.READ_NEW)
            if isinstance(still, sdt.Answer):
                self._look(still.status in (sdt.OK, sdt.NO_DATA))
            else:
                self._doubt(still)
        else:
            self._look(False)

    def _read(self) -> Script:
        selected = yield DeviceCommand(sdt.SELECT)
        read = (
            (yield DeviceCommand(sdt.READ, READ_MS)) if isinstance(selected, sdt.Answer) and selected.good else selected
        )
        if not isinstance(read, sdt.Answer):
            self._doubt(read)
            return
        if read.status in (sdt.NOT_FOUND, sdt.NOT_SELECTED):
            self._look(False)  # it was lifted between two commands
            return
        person = id_card_text.decode(sdt.text_of(read.data) or b"") if read.good else None
        self._failures = self._failures + 1 if person is None else 0
        if 0 < self._failures < TRIES:
            return  # a card that is not yet at rest
        self._mark = UNREADABLE if person is None else f"{hash(person.number):x}"
        self._media = None if person is None else self._practised(person)
        self._look(True)

    def _practised(self, person: id_card_text.Person) -> Media | None:
        """Return what the card says here; None for a foreign one."""
        if id_card_text.practice_number(person.number):
            return Media(person.number, person.ends[2:6] or NEVER)
        return Media(self._person, NEVER) if self._person else None

    def _look(self, there: bool) -> None:
        self._laid.looked(self._mark if there else "", self._media if there else None, self._wanted)
        if self._laid.found()[1] == "none":
            self._mark, self._failures = "", 0

    def _doubt(self, outcome: sdt.NoAnswer) -> None:
        if outcome.reason == "silent":  # a garbled answer is asked for again at the next poll
            self._fail()

    def _act(self, effect: AnyEffect) -> Script | None:
        return None
