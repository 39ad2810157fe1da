"""A ccTalk coin acceptor as the unit's coin slot: refuses tokens unless the page waits on them, and credits each once.

The theory is the acceptor's (`cctalk_acceptor.py`). Beside the last event's number the running count of tokens is on
disk: what fell while this process was dead is added to it and not told, and the resume sees from the count that it
fell unheard. A coin that may lie inside uncredited is counted as what the acceptor calls it. Positions are valued by
unit.toml, or by the identities that the acceptor tells (`CN100A`); only the values of `[money] tokens_fen` are let in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from hardware.drivers.cctalk_acceptor import CctalkAcceptor
from hardware.drivers.cctalk_bus import Bus, say
from hardware.drivers.serial_device import Script
from hardware.protocols import cctalk
from hardware.protocols import cctalk_money as meaning
from hardware.transport.serial_port import monotonic_ms
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import AnyEvent, ItemsInserted, ItemsRefused


class CoinsCctalk(CctalkAcceptor[meaning.CoinEvent]):
    """The driver; see `SerialDevice` for its face. It answers no effect: tokens cannot be held."""

    CAN: ClassVar[frozenset[str]] = frozenset({"counts", "refuses"})
    CATEGORY, EVENTS = "coin", cctalk.CREDIT

    def __init__(
        self,
        bus: Bus,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        *,
        tokens_fen: tuple[int, ...] = (100, 500),
        coins: Mapping[int, int] | None = None,
        unit_fen: int = 1,
        address: int = 2,
        crc: bool = False,
        memory: Path | None = None,
    ) -> None:
        """Take `coins`: position → fen; without it identities are read, whose unit is worth `unit_fen`. `memory`: the
        file that keeps the count and the last event's number; None keeps them no longer than the process.
        """
        self._tokens_fen, self._coins, self._unit_fen = frozenset(tokens_fen), dict(coins or {}), unit_fen
        self._held = ""
        super().__init__("coin_acceptor", bus, post, clock, address, crc, memory)

    @property
    def counter(self) -> int:
        """Return how many tokens ever fell."""
        return int(self._memory.get("tokens", 0))

    def health(self) -> dict[str, Any]:
        """Return `CctalkAcceptor.health`, with `tokens`; its trouble may be the return lever."""
        told = super().health()
        return {**told, "tokens": self.counter, "trouble": told["trouble"] or self._held}

    # -- scripts ------------------------------------------------------------------------------------------------------

    def _decode(self, data: bytes) -> meaning.Events[meaning.CoinEvent] | None:
        return meaning.decode_events(data)

    def _value(self) -> Script:
        self._values = dict(self._coins)
        if not self._values:
            yield from self._twice(self._identities)
        if self._failed:
            return
        self._values = {position: fen for position, fen in self._values.items() if fen in self._tokens_fen}
        if not self._values:
            self._trouble = "no coin of a known value"
            self._fail()

    def _identities(self, into: dict[int, int], positions: range) -> Script:
        for position in positions:
            outcome = yield say(self._address, cctalk.COIN_ID, position)
            if self._silent(outcome):
                self._fail()  # half of the values would let half of the tokens in
                return
            if outcome.ok and (told := meaning.coin_value(outcome.data.decode("ascii", "replace"))):
                into[position] = told * self._unit_fen // 1000

    def _act(self, effect: AnyEffect) -> Script | None:
        return None

    def _ask_more(self) -> Script:
        """Ask for the return lever's state, when all else has been asked."""
        if self._more:
            yield from super()._ask_more()
            return
        outcome = yield say(self._address, cctalk.COIN_STATUS, tries=1)
        if isinstance(outcome, cctalk.Reply) and outcome.ok and outcome.data:
            self._held = meaning.COIN_STATES.get(outcome.data[0], "")

    # -- what it told -------------------------------------------------------------------------------------------------

    def _take(self, number: int, new: tuple[meaning.CoinEvent, ...]) -> None:
        """Write down how many tokens fell and up to which event, and only then tell."""
        fell = [self._values.get(event.position) for event in new if event.position]
        known = [fen for fen in fell if fen is not None]
        self._noise["value"] += len(fell) - len(known)
        before = self.counter
        self._memory.keep(event=number, tokens=before + len(known))
        for event in new:
            if not event.position:
                self._refused(event.code)
        if not self._live:
            self._noise["unheard"] += len(known)
            return
        for count, fen in enumerate(known, before + 1):
            self._post(ItemsInserted(self.at, fen, count))

    def _refused(self, code: int) -> None:
        name = meaning.event_name(code)
        if code in meaning.RETURNED:
            self._rejected[name] += 1
            if self._live:
                inhibited = code == 2 or code >= 128
                self._post(ItemsRefused(self.at, "inhibited" if inhibited else "invalidBill"))
        else:
            self._noise[name] += 1
