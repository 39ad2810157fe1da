"""How the wallet is broken."""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import effects as fx
from kiosk_firmware.core.hosts.wallet import RecallAsked, SpendAsked, StandingAsked, UndoAsked
from tests.mutants.mutant import Broken, asking, dropping, more, same, set_to


def _pays_again(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """Instead of asking whether it stands, it is paid anew."""
    if isinstance(effect, fx.AskHost) and isinstance(effect.ask, StandingAsked):
        ask = SpendAsked(effect.ask.of % 2 + 1, "market", 100, "wallet", "dynamic")
        return (msgspec.structs.replace(effect, ask=ask),)
    return (effect,)


def _hasty(effect: fx.AnyEffect) -> tuple[fx.AnyEffect, ...]:
    """The till takes back as soon as it would only ask."""
    if isinstance(effect, fx.AskHost) and isinstance(effect.ask, StandingAsked):
        return (msgspec.structs.replace(effect, ask=UndoAsked(0, effect.ask.of)),)
    return (effect,)


MUTANTS: dict[str, Broken] = {
    "the service is never asked": Broken(dropping(fx.AskHost)),
    "the pad is never asked": Broken(dropping(fx.ReadPin)),
    "the pad is never stopped": Broken(dropping(fx.Cancel)),
    "a fee that nobody saw": Broken(asking(more(fen=1), SpendAsked)),
    "paid to another": Broken(asking(set_to(to="else"), SpendAsked)),
    "paid from the other account": Broken(asking(set_to(source="card"), SpendAsked)),
    "sent at once": Broken(asking(set_to(hours=0), SpendAsked)),
    "no password": Broken(asking(set_to(entered=True), SpendAsked)),
    "paid twice": Broken(_pays_again, "answer_lost"),
    "taken back too early": Broken(_hasty, "answer_lost"),
    "never taken back": Broken(asking(set_to(of=0), UndoAsked)),
    "another transfer taken back": Broken(asking(more(transfer=1), RecallAsked)),
    "the password page never times out": Broken(same, None, "password"),
    "a till waits for ever": Broken(same, None, "till-waits"),
    "a fraud never lets go": Broken(same, None, "scene-1"),
}
