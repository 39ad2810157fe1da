"""How the cash machine is broken."""

from __future__ import annotations

from kiosk_firmware.core.hosts.bank import DepositAsked, WithdrawAsked
from tests.mutants.mutant import EVERYWHERE, Broken, asking, keep, more, same, set_to

MUTANTS: dict[str, Broken] = {
    **EVERYWHERE,
    "booked a yuan too much": Broken(asking(more(fen=100), WithdrawAsked)),
    "fee booked as cash": Broken(asking(more(fen=400, fee_fen=-400), WithdrawAsked)),
    "deposit booked short": Broken(asking(more(fen=-100), DepositAsked)),
    "cash without a card to another account": Broken(asking(set_to(account="99110009"), DepositAsked)),
    "card kept instead of ejected": Broken(keep),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
