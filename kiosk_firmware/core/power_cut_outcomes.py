"""A power cut, as every machine's world has it: what was under way happened, or did not, or nobody knows.

A cabinet that counts can prove what came out of a payout when the light is back: all of it, some, or none. One that
cannot says "unknown". A token that still rolled when the power went is told with the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from kiosk_firmware.core import money
from kiosk_firmware.core.cabinet_model import CabinetModel, after_event, answer, unknown, wake_report
from kiosk_firmware.core.effects import Dispense, PrintDocument
from kiosk_firmware.core.events import AnyEvent, ItemsInserted, ItemsPresented, Struck
from kiosk_firmware.core.machine import Open
from kiosk_firmware.core.money import NOTE_FROM_FEN, Items

Way = tuple[AnyEvent, ...]
CUT = Struck("power_cut")


def power_cut(bench: CabinetModel, open_: Open) -> tuple[Way, ...]:
    """Return the ways of a power cut and the wake-up: what was under way either happened or did not; then the cabinet
    says what it holds.
    """
    return tuple(sorted({(CUT, *said, wake_report(after)) for said, after in _answers_of_open(bench, open_)}, key=repr))


def _answers_of_open(bench: CabinetModel, open_: Open) -> Iterator[tuple[Way, CabinetModel]]:
    """Yield what is told of all that was open, in each way it may have ended."""
    done: list[AnyEvent] = []
    undone: list[AnyEvent] = []
    world = bench
    for effect, canceled in open_:
        event = answer(world, effect, canceled)
        if event is not None and not isinstance(effect, PrintDocument):
            done.append(event)
            world = after_event(world, event)
        undone.append(unknown(effect))
        if event is None or isinstance(effect, PrintDocument):
            done.append(unknown(effect))
    yield tuple(done), world
    yield tuple(undone), bench
    yield from _early_payouts(bench, open_, tuple(undone))


def _early_payouts(bench: CabinetModel, open_: Open, undone: Way) -> Iterator[tuple[Way, CabinetModel]]:
    """Yield the ways of a payout that ended early, and is known, or is known in part; with a token that fell before or
    after it.
    """
    for at, (effect, _) in enumerate(open_):
        if not isinstance(effect, Dispense) or not money.holds(bench.stock, effect.items):
            continue
        for ended in _early(effect):
            way = (*undone[:at], ended, *undone[at + 1 :])
            for said in (way, *_with_token(bench, way)):
                yield said, _after(bench, said)


def _early(effect: Dispense) -> tuple[ItemsPresented, ...]:
    """Return the early ends of a payout: none came out, one piece did, or that is all that is known of it."""
    at, ref, one = effect.at, effect.ref, effect.items[-1:]
    first: Items = tuple((fen, 1) for fen, _ in one)
    rest = money.without(effect.items, first)
    none, some = ItemsPresented(at, ref, money.NONE, "canceled"), ItemsPresented(at, ref, first, "canceled")
    unsure = ItemsPresented(at, ref, money.NONE, "unknown", unsure=effect.items)
    if not rest:
        return none, unsure
    return none, some, unsure, ItemsPresented(at, ref, first, "unknown", unsure=rest)


def _with_token(bench: CabinetModel, way: Way) -> tuple[Way, ...]:
    """Return the ways of a token that rolls late: it falls while the payout still goes on, or when that was over."""
    tokens = [fen for fen, _ in bench.purse if fen < NOTE_FROM_FEN]
    return tuple(
        late
        for fen in tokens
        for token in (ItemsInserted("coin_acceptor", fen),)
        for late in (
            (token, *way),
            (*way, token),
        )
    )


def _after(bench: CabinetModel, said: Way) -> CabinetModel:
    for event in said:
        bench = after_event(bench, event)
    return bench
