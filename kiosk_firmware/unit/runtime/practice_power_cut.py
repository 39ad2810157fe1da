"""A practised power cut in life: the fault `power_cut` armed for a run.

When cash begins to be counted out or stored, the glass goes dark for a moment and the engine hears nothing. The devices
are real and do end what they began; their words are kept, and when the light is back they are told in order between the
strike and `CabinetFound`: what a machine has to cope with after a real cut, without endangering anybody's card.
"""

from __future__ import annotations

from kiosk_firmware.core import cabinet_model
from kiosk_firmware.core.effects import AnyEffect, Dispense, ReadPin, StoreItems
from kiosk_firmware.core.events import AnyEvent, PinEntered, Struck
from kiosk_firmware.core.machine import Open

DARK_MS = 3000


def strikes(sent: list[AnyEffect]) -> bool:
    """Return whether this is the moment: value is about to move."""
    return any(isinstance(effect, Dispense | StoreItems) for effect in sent)


class PracticePowerCut:
    """The time without light."""

    def __init__(self) -> None:
        """Begin with nothing said yet."""
        self._said: list[AnyEvent] = []

    def heard(self, event: AnyEvent) -> None:
        """Keep what a device says."""
        self._said.append(event)

    def unanswered(self, open_: Open) -> list[AnyEffect]:
        """Return the effects that their devices are still busy with."""
        said = {(getattr(event, "at", ""), getattr(event, "ref", "")) for event in self._said}
        return [effect for effect, _ in open_ if (effect.at, effect.ref) not in said]

    def told(self, open_: Open) -> tuple[AnyEvent, ...]:
        """Return what the machine hears when the light is back; a PIN entry did not survive."""
        pins = {effect.ref: effect for effect, _ in open_ if isinstance(effect, ReadPin)}
        said = (
            cabinet_model.unknown(pins[event.ref]) if isinstance(event, PinEntered) and event.ref in pins else event
            for event in self._said
        )
        return (Struck("power_cut"), *said)
