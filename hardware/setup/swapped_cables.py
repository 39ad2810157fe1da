"""Plugs in each other's places: a device that does not answer is looked for by asking who does answer at its port.

The theory. A driver whose line is open and whose device is silent may have another device's plug in its port. So after
a while its line is borrowed, and the harmless questions of `hardware.setup.port_probing` are asked; while nobody
answers, again after a while, as an answer may come too late on a busy unit. What answers and is no device of that
driver is remembered as standing there `instead`, told once, and forgotten when the right one is back. Nothing is
credited meanwhile: a driver believes only its own protocol.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kiosk_firmware.core.events import Device

if TYPE_CHECKING:  # all codecs are read only on the day that a plug is in the wrong place
    from hardware.setup.port_probing import ProbedDevice

log = logging.getLogger(__name__)

LOOK_S = 1.0
SOON, SELDOM = (1, 8), 64
"""At which looks at a silent device it is asked: soon after its line was opened, then each so many looks."""
KIN = {"essp": "ssp"}
"""Drivers that speak alike: a validator that pays out too is driven as one that does not."""
PRINTS = frozenset({"escpos"})
"""Ports where nothing is asked: a printer that is only slow or asleep would put the questions on paper. Whose plug it
has is seen at the other port.
"""


class SwappedCables:
    """Watches drivers on serial lines. `instead`: logical device → who answers at its port; close twice is fine."""

    def __init__(
        self, drivers: Mapping[Device, Any], names: Mapping[str, str], told: Callable[[Device, str], None]
    ) -> None:
        """Take `drivers` as the equipment holds them; `names`: logical device → its driver as unit.toml names it.
        `told(at, driver)` is called once for each find, from the port's thread.
        """
        self.instead: dict[Device, ProbedDevice] = {}
        self._drivers, self._names, self._told = drivers, names, told
        self._looks: dict[Device, tuple[int, int]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="misplaced", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def words(self) -> dict[str, str]:
        """Return what is wrong, a sentence for each device that another one stands in for."""
        return {at: self._sentence(at, found) for at, found in self.instead.items()}

    def _sentence(self, at: Device, found: ProbedDevice) -> str:
        for other, theirs in self.instead.items():
            if other != at and self._is(found, other) and self._is(theirs, at):
                return f"its plug and that of {other} have changed places"
        return f"at its port answers another device: {found.words}"

    def _is(self, found: ProbedDevice, at: Device) -> bool:
        name = self._names.get(at, "")
        return KIN.get(found.driver, found.driver) == KIN.get(name, name)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_S):
            for at, driver in list(self._drivers.items()):
                if hasattr(driver, "lend") and self._names.get(at) not in PRINTS:
                    self._look(at, driver)

    def _look(self, at: Device, driver: Any) -> None:
        health = driver.health()
        if health["ready"]:
            self.instead.pop(at, None)
            self._looks.pop(at, None)
        elif health.get("lost") and health["port"]["open"] and self._is_due(at, health["port"]["opened"]):
            driver.lend(lambda line: self._ask(at, line))

    def _is_due(self, at: Device, opened: int) -> bool:
        """Count a look at a silent device since its line was opened, and return whether it is one to ask at."""
        before, looks = self._looks.get(at, (opened, 0))
        if before != opened:
            looks = 0
        elif looks and at in self.instead:  # found; nothing changes before the line is opened anew
            return False
        self._looks[at] = (opened, looks + 1)
        return looks + 1 in SOON or (looks + 1) % SELDOM == 0

    def _ask(self, at: Device, line: Any) -> None:
        from hardware.setup.port_probing import identify_device

        try:
            found = identify_device(line, ended=self._stopping.is_set)
        except OSError:
            raise  # the line broke: its port sees to it
        except Exception:  # whatever a stranger makes a codec trip over, the port's thread goes on
            log.exception("%s: what answers at its port cannot be read", at)
            return
        strangers = [one for one in found if not self._is(one, at)]
        if not strangers or len(strangers) < len(found):
            self.instead.pop(at, None)
            return
        self.instead[at] = strangers[0]
        log.warning("%s: %s", at, self._sentence(at, strangers[0]))
        self._told(at, strangers[0].driver)
