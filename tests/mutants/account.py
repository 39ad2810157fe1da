"""How the recovery of an account is broken."""

from __future__ import annotations

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked, RecoverAsked
from tests.mutants.mutant import Broken, asking, dropping, same, set_to

MUTANTS: dict[str, Broken] = {
    "the service is never asked": Broken(dropping(fx.AskHost)),
    "a code to the stranger": Broken(asking(set_to(number="19990209999"), CodeAsked)),
    "given back on another number": Broken(asking(set_to(number="19990209999"), RecoverAsked)),
    "given back at once": Broken(asking(set_to(waited=False), RecoverAsked)),
    "given back on no proof": Broken(asking(set_to(proof=""), RecoverAsked)),
    "the waiting page never times out": Broken(same, None, "delay"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
