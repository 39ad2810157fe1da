"""The CRT-310 with one more act: it pulls a card that stands in the slot in again, so that nobody can take it.

That is what the armed fault "card left" does in life: the card is presented, and then it is not there to be taken, as
if the person had been too slow. The reader says nothing of it; the card is kept or ejected by the machine's next
effect.
"""

from __future__ import annotations

from typing import Any

from hardware.drivers.card_crt310 import AT_FRONT, MOVE_MS, CardCrt310
from hardware.drivers.serial_device import DeviceCommand, Script
from hardware.protocols import crt310


class HoldingCrt310(CardCrt310):
    """The driver; `hold` from any thread."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._pull = False
        super().__init__(*args, **options)

    def hold(self) -> None:
        """Pull in what stands in the slot; quick, and without an answer."""
        self._pull = True
        self._port.wake()

    def _urgent(self) -> Script | None:
        return self._pull_in() if self._pull else super()._urgent()

    def _pull_in(self) -> Script:
        self._pull = False
        if self._position in AT_FRONT:
            yield DeviceCommand(crt310.MOVE_IC, MOVE_MS)
            yield from self._look(announce=True)  # where it went is asked, not assumed
