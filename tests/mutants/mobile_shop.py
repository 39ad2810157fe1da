"""How the mobile shop is broken."""

from __future__ import annotations

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.mobile_carrier import DropAsked, OpenAsked, ReplaceAsked
from tests.mutants.mutant import Broken, asking, dropping, more, same, set_to

MUTANTS: dict[str, Broken] = {
    "the carrier is never asked": Broken(dropping(fx.AskHost)),
    "another plan than signed": Broken(asking(set_to(plan="basic"), OpenAsked)),
    "another number than signed": Broken(asking(set_to(number="19990231607"), OpenAsked)),
    "bound and not told": Broken(asking(more(months=1), OpenAsked)),
    "opened without a face": Broken(asking(set_to(faced=False), OpenAsked)),
    "opened in another's name": Broken(asking(set_to(person="519901197604050013"), OpenAsked)),
    "another number closed": Broken(asking(set_to(number="19990100003"), DropAsked)),
    "replaced without a face": Broken(asking(set_to(faced=False), ReplaceAsked)),
    "the page before signing never times out": Broken(same, None, "confirm"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
