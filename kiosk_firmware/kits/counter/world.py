"""A counter's world: the person with bag and purse, what lies on the desk, and the office behind the window.

Promises checked in every walked situation: no paper appears or vanishes; what is filed had its own valid ID card and
each paper that the data ask for; nobody is served whom the data refuse; the fee is the rule's, and is taken once. At
home: nothing of the person's lies on the desk, and what was filed has its slip.
"""

from __future__ import annotations

import datetime

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    DocumentPrinted,
    HostAnswered,
    MediaInserted,
    Started,
    Struck,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.counter import CollectAsked, CounterAsk, CounterQuestion, FileAsked
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import BagDocument, IdCard, Persona
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits.cabinet_world import CabinetState, CabinetWorlds, bench_before_run
from kiosk_firmware.kits.counter import errands as e
from kiosk_firmware.kits.counter.back_office import (
    ID_CARD,
    SLIP,
    Filings,
    after_card_work,
    book_answer,
    find_application,
    hand_out_papers,
    judge,
    known_after,
    later,
)
from kiosk_firmware.kits.counter.state import Terms
from kiosk_firmware.kits.practice_clock import local_day

TILL: Items = ((10_000, 20), (5_000, 20), (2_000, 20), (1_000, 20), (500, 20), (100, 50))
"""What the clerk gives change from."""


class CounterWorld(CabinetState, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: `bag`, `desk` and `filed` papers, what the office has and knows. `shown`: kinds
    of sound papers that were laid on the desk, and "ident"; `answers`: what was said on this visit; `due`: slips that
    must still come out; `cards`: what the bank did with cards (`errands.File.card`), in order; `wrong`: a promise that
    was broken on the way.
    """

    bag: tuple[BagDocument, ...]
    desk: tuple[BagDocument, ...] = ()
    filed: tuple[BagDocument, ...] = ()
    records: tuple[str, ...] = ()
    filings: Filings = ()
    shown: tuple[str, ...] = ()
    yymm: str
    papers: int
    answers: tuple[tuple[str, str], ...] = ()
    due: int = 0
    cards: tuple[str, ...] = ()
    wrong: str = ""


def change(world: CounterWorld, **fields: object) -> CounterWorld:
    """Return the world with these fields changed."""
    return msgspec.structs.replace(world, **fields)


class CounterWorlds(CabinetWorlds[CounterWorld]):
    """The rules of that world."""

    prints = frozenset(("queue", "void"))

    def __init__(self, terms: Terms) -> None:
        """Set up with nothing started yet."""
        self.terms, self.stock = terms, terms.profile.stock
        self._asked = [step for one in terms.errands.errand for step in one.steps if isinstance(step, e.Ask)]

    def start(self, started: Started) -> CounterWorld:
        """Return what everybody holds before the run."""
        persona = started.persona
        bench = bench_before_run(persona, self.stock)
        day = local_day(started)
        return CounterWorld(
            bench,
            k.open_bank(persona, day),
            persona,
            bench,
            bag=persona.papers,
            records=persona.records,
            yymm=yymm_of(day),
            papers=len(persona.papers),
        )

    # -- hearing ------------------------------------------------------------------------------------------------------

    def folded(self, world: CounterWorld, event: AnyEvent) -> CounterWorld:
        """Return the world after `event`."""
        match event:
            case CabinetFound():
                return self.woken(world, event)
            case HostAnswered(completion="success", verdict="ok", ask=ask):
                return self._booked(world, ask)
            case Struck(ask=ask) if ask is not None:
                return self._booked(world, ask)
            case DocumentPrinted(ref="accepted"):
                return change(world, due=max(0, world.due - 1))
            case DocumentPrinted(ref="slip"):  # nobody knows whether it is filed
                return _moved(change(world, due=0), event)
            case Tapped(key=key, value=value):
                return self._pressed(world, key, value)
            case TimerExpired(name="back"):
                return _taken(world)
            case MediaInserted(at="id_reader", media=media) if self._valid(world, media.number, media.expires):
                return _moved(change(world, shown=_with(world.shown, "ident")), event)
            case _:
                return _moved(world, event)

    def _valid(self, world: CounterWorld, number: str, expires: str) -> bool:
        ids = world.persona.ids
        return bool(ids) and not ids[0].lost and number == ids[0].number and expires >= world.yymm

    def _pressed(self, world: CounterWorld, key: str, value: str) -> CounterWorld:
        if key == "papers.take":
            return _taken(world)
        if key.startswith("queue."):
            shown = tuple(kind for kind in world.shown if kind == "ident" and world.bench.laid)
            return change(world, shown=shown, answers=())
        if key == "ident.hand":
            ids = world.persona.ids
            valid = bool(ids) and self._valid(world, ids[0].number, ids[0].expires)
            return change(world, shown=_with(world.shown, "ident")) if valid else world
        if key.startswith("photo."):
            return change(world, shown=_with(world.shown, key))
        paper = next((one for one in world.bag if key == f"paper.{one.id}"), None)
        return self._laid(world, paper) if paper else self._said(world, key.partition(".")[0], value)

    def _said(self, world: CounterWorld, name: str, option: str) -> CounterWorld:
        """Keep an answer that counts: the clerk has nothing to explain to it."""
        if not any(one.name == name and option in one.options and option not in one.explain for one in self._asked):
            return world
        return change(world, answers=tuple(sorted({**dict(world.answers), name: option}.items())))

    def _laid(self, world: CounterWorld, paper: BagDocument) -> CounterWorld:
        shown = world.shown if paper.flaw else _with(world.shown, paper.kind or paper.id)
        bag = tuple(one for one in world.bag if one is not paper)
        return change(world, bag=bag, desk=(*world.desk, paper), shown=shown)

    # -- the office ---------------------------------------------------------------------------------------------------

    def _booked(self, world: CounterWorld, ask: Ask) -> CounterWorld:
        if not isinstance(ask, CounterQuestion):
            return world
        filings = book_answer(world.filings, ask)
        if filings is world.filings:
            return world
        world = change(
            world,
            filings=filings,
            wrong=world.wrong or self._flaw(world, ask),
            records=known_after(world.records, ask.adds, ask.drops),
            cards=(*world.cards, ask.card) if ask.card else world.cards,
        )
        return self._filed(world, ask) if isinstance(ask, FileAsked) else _fetched(world, ask)

    def _filed(self, world: CounterWorld, ask: FileAsked) -> CounterWorld:
        kept = tuple(paper for paper in world.desk if paper.id in ask.keeps)
        given = hand_out_papers((), ask)
        return change(
            self._paid(world, ask.fee_fen),
            desk=tuple(paper for paper in world.desk if paper not in kept),
            filed=(*world.filed, *kept),
            bag=(*world.bag, *given),
            papers=world.papers + len(given),
            due=world.due + 1,
        )

    def _paid(self, world: CounterWorld, fee: int) -> CounterWorld:
        """Pay the fee from the purse, exactly or with change; start and now are shifted alike, as it left by right."""
        rest = _less(world.bench.purse, fee)
        if rest is None:
            return change(world, wrong=f"{fee} fen were taken from a purse of {world.bench.purse}")
        bench, first = b.with_fields(world.bench, purse=rest), b.with_fields(world.first, purse=rest)
        return change(world, bench=bench, first=first)

    def _flaw(self, world: CounterWorld, ask: CounterAsk) -> str:
        """Return what may not be booked, and is."""
        errand = next((one for one in self.terms.errands.errand if one.id == ask.errand), None)
        if errand is None:
            return f"{ask.errand} is no errand here"
        if isinstance(ask, CollectAsked):
            found = find_application(world.filings, ask.errand)
            return "" if found and ask.day >= found.ready else "handed out before it was ready"
        fee = 0
        for step in errand.steps:
            if not step.applies(world.records, world.answers):
                continue
            if isinstance(step, e.File):
                return self._terms_of(world, ask, step, fee)
            if flaw := _skipped(world, step):
                return flaw
            fee += self.terms.figure(step.fen) if isinstance(step, e.Fee) else 0
        return "filed, and the errand has nothing to file"

    def _terms_of(self, world: CounterWorld, ask: FileAsked, step: e.File, fee: int) -> str:
        days = self.terms.figure(step.days) if step.days else 0
        if ask.ready - ask.day != days:
            return f"ready after {ask.ready - ask.day} days, by the rules {days}"
        keeps = tuple(paper.id for paper in world.desk if any(paper.is_a(kind) for kind in step.keeps))
        said = (ask.keeps, ask.gives, ask.adds, ask.drops, ask.card)
        if said != (keeps, step.gives, step.adds, step.drops, step.card):
            return f"kept, given or noted otherwise than the data say: {ask}"
        return "" if ask.fee_fen == fee else f"a fee of {ask.fee_fen} fen, by the rules {fee}"

    # -- answering ----------------------------------------------------------------------------------------------------

    def answer(self, world: CounterWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the cabinet's answer, or the office's."""
        return self.said(world, effect) if isinstance(effect, AskHost) else b.answer(world.bench, effect, canceled)

    def said(self, world: CounterWorld, effect: AskHost) -> HostAnswered:
        """Return the office's answer."""
        if not isinstance(effect.ask, CounterQuestion):
            return k.answer(world.bank, k.Limits(), effect)
        verdict, ask = judge(world.filings, effect.ask)
        return HostAnswered(effect.at, effect.ref, verdict, ask)

    def acts(self, world: CounterWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return what this person can do now, as everywhere."""
        return b.acts(world.bench, page, open_, values)

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: CounterWorld, at_rest: bool) -> tuple[str, ...]:
        """Return a counter's own broken promises."""
        found = [world.wrong] if world.wrong else []
        here = len(world.bag) + len(world.desk) + len(world.filed)
        if here != world.papers:
            found.append(f"{world.papers} papers became {here}")
        if at_rest and world.desk:
            found.append(f"left on the desk: {[paper.id for paper in world.desk]}")
        if at_rest and world.due:
            found.append("filed without a slip")
        return tuple(found)

    def persona(self, world: CounterWorld) -> Persona:
        """Return what outlives the run: papers, records, purse, and cards as the bank left them."""
        papers = tuple(paper for paper in world.bag if paper.id != ID_CARD)
        found = msgspec.structs.replace(super().persona(world), papers=papers, records=world.records)
        for what in world.cards:
            found = after_card_work(found, what, world.yymm)
        return _with_card(found, world.yymm) if len(papers) < len(world.bag) else found


def yymm_of(day: int) -> str:
    """Return the month of a day since 1970, as cards have it."""
    return f"{datetime.date(1970, 1, 1) + datetime.timedelta(days=day):%y%m}"


def _with_card(persona: Persona, yymm: str) -> Persona:
    """Return the person with a new ID card, valid for ten years: the shortest for somebody of age."""
    until = later(yymm)
    own = persona.ids[0] if persona.ids else IdCard("", persona.name)
    return msgspec.structs.replace(
        persona, ids=(msgspec.structs.replace(own, lost=False, expires=until), *persona.ids[1:])
    )


def _skipped(world: CounterWorld, step: e.AnyDo) -> str:
    """Describe a step before the filing that should have been done, and was not."""
    match step:
        case e.Ident() if "ident" not in world.shown:
            return "filed without a valid ID card"
        case e.Paper(papers=kinds, optional=False) if not set(kinds) & set(world.shown):
            return f"filed without {kinds}"
        case e.Photo() if not {f"photo.{one}" for one in step.needs(world.records)} <= set(world.shown):
            return "filed without a photograph that is good"
        case e.Refuse(why=why):
            return f"filed, and was to be refused: {why}"
        case e.Ask(name=name, refuse=refuse) if dict(world.answers).get(name, "") in {"", *refuse}:
            return f"filed, and {name} was not answered so that it could be"
        case _:
            return ""


def _less(purse: Items, fee: int) -> Items | None:
    """Return the purse after the fee: paid exactly where it can be, else with the largest pieces and change. None: too
    little.
    """
    exact = money.make(fee, purse)
    if exact is not None:
        return money.without(purse, exact)
    given = money.NONE
    for fen, count in purse:
        missing = -(-(fee - money.total(given)) // fen)
        given = money.add(given, ((fen, max(0, min(count, missing))),))
    back = money.make(money.total(given) - fee, TILL)
    return None if back is None else money.add(money.without(purse, given), back)


def _with(shown: tuple[str, ...], kind: str) -> tuple[str, ...]:
    return shown if kind in shown else tuple(sorted((*shown, kind)))


def _moved(world: CounterWorld, event: AnyEvent) -> CounterWorld:
    bench = b.after_event(world.bench, event)
    slips = max(0, world.slips + b.slip_owed(event))
    if bench is world.bench and slips == world.slips:
        return world
    return change(world, bench=bench, slips=slips)


def _taken(world: CounterWorld) -> CounterWorld:
    return change(world, bag=(*world.bag, *world.desk), desk=()) if world.desk else world


def _fetched(world: CounterWorld, ask: CollectAsked) -> CounterWorld:
    """Give back what was kept, and give what was made; the slip stays with the office."""
    gone = sum(paper.id == SLIP for paper in (*world.bag, *world.desk))
    bag = tuple(paper for paper in world.bag if paper.id != SLIP)
    return change(
        world,
        bag=(*bag, *world.filed, *(BagDocument(name) for name in ask.gives)),
        filed=(),
        desk=tuple(paper for paper in world.desk if paper.id != SLIP),
        papers=world.papers + len(ask.gives) - gone,
    )
