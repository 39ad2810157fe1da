"""How the railway ticket machine is broken."""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core.hosts.bank import PayAsked
from kiosk_firmware.core.hosts.rail import IssueAsked, RefundAsked
from tests.mutants.mutant import EVERYWHERE, Broken, asking, greedy, more, one_seat, same


def in_cash(ask: Any) -> Any:
    return msgspec.structs.replace(ask, paid_by="")


MUTANTS: dict[str, Broken] = {
    **EVERYWHERE,
    "fee off by one": Broken(asking(more(fen=-1, fee_fen=1), RefundAsked)),
    "charged a fen too much": Broken(asking(more(fen=1), PayAsked)),
    "too little back for a cheaper train": Broken(asking(more(back_fen=-1), IssueAsked)),
    "ticket printed twice": Broken(same, prints_again=True),
    "seat sold twice": Broken(asking(one_seat, IssueAsked)),
    "no change refused too late": Broken(greedy),
    "paid by card, booked as cash": Broken(asking(in_cash, IssueAsked)),
    "tokens page never times out": Broken(same, None, "take-tokens"),
    "ID page never times out": Broken(same, None, "take-ident"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
