"""The engine with a real machine: who follows the coach does every lesson; after any power cut everything is back."""

from __future__ import annotations

import json
import random
from itertools import count

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.effects import ReadPin
from kiosk_firmware.core.events import ItemsInserted, ItemsTaken, Media, MediaInserted, MediaTaken, PinEntered
from kiosk_firmware.unit.coach.progress import SHOWN
from kiosk_firmware.unit.runtime.interfaces import RunRequest
from tests.unit.runtime.rig import Rig
from tests.wire.rig import query

PEOPLE = machine_loader.personas()
LESSONS = {lesson.id: lesson for lesson in machine_loader.lessons("atm")}
CALM = [lesson for lesson in LESSONS.values() if lesson.setting.armed is None]


class AtmRig(Rig):
    """A rig whose devices hold what the lesson's person and bank hold."""

    stages = None
    """How many stages of settling are still done before the power goes; None: all."""

    def settle(self):
        """As ever, or only so far."""
        if self.stages is None:
            super().settle()
            return
        for stage in ((self.hear, self.journal.commit_now, self.hear, self.cabinet.answer_all) * 2)[: self.stages]:
            stage()

    def start(self, lesson, skin):
        self.loaded = machine_loader.load("atm", skin)
        self.atm_order = RunRequest("atm", skin, PEOPLE[lesson.setting.persona], lesson, "0123456789abcdef")
        self.engine.begin(self.loaded, self.atm_order)
        self.hardware.bench = self.engine.run.now.world.bench
        self.settle()

    def again(self):
        """The same unit after the power came back."""
        self.journal._queue.clear()
        self.journal.close()
        rig = AtmRig(self.path, self.hardware, self.clock)
        rig.loaded, rig.atm_order = self.loaded, self.atm_order
        found = rig.engine.unfinished()
        if found is None or not rig.engine.resume(found, rig.loaded, rig.atm_order):
            rig.engine.wake()
        rig.settle()
        return rig

    def pin(self):
        """Right, whatever is asked; a weak one is never typed here."""
        pins = [effect for effect in self.cabinet.waiting if isinstance(effect, ReadPin)]
        for effect in pins:
            self.cabinet.waiting.remove(effect)
            self.inbox.post(PinEntered(effect.at, effect.ref, "right"))
        self.settle()

    def follow(self):
        """Ask for one step and do it."""
        self.engine.strip("show")
        glass = self.engine.glass
        while glass.helper.hint is None:
            self.engine.tick()
        hint = glass.helper.hint
        match hint.kind:
            case "press":
                self.press(hint.key)
            case "type":
                self.type(hint.key, hint.value)
            case "insert" if hint.fen:
                self.hand(ItemsInserted(hint.slot, hint.fen))
            case "insert":
                number = self.hardware.bench.hand[0].number
                card = self.atm_order.persona.card(number)
                self.hand(MediaInserted(hint.slot, Media(number, card.expires, card.chip)))
            case "take":
                self.hand((MediaTaken if hint.slot == "card_reader" else ItemsTaken)(hint.slot))
            case "pin":
                self.pin()
            case _:
                self.wait(5000)
        return hint.kind


@pytest.mark.parametrize("skin", machine_loader.skins("atm"))
@pytest.mark.parametrize("lesson", CALM, ids=lambda lesson: lesson.id)
def test_whoever_follows_the_coach_does_the_lesson(tmp_path, lesson, skin):
    rig = AtmRig(tmp_path / "screen.db")
    rig.start(lesson, skin)
    for step in count():
        if rig.results:
            break
        assert rig.follow() not in ("lost", "unsure")
        assert step < 60
    assert rig.results[0].record.outcome == "done"
    assert rig.results[0].record.prompt_max == SHOWN
    assert rig.hardware.bench.place == "none"
    rig.journal.close()


@pytest.mark.parametrize("skin", machine_loader.skins("atm"))
def test_the_goodbye_shows_the_notes_and_the_card_that_one_took(tmp_path, skin):
    """No more than was taken: before the goodbye no page shows anything in a hand."""
    rig = AtmRig(tmp_path / "screen.db")
    rig.start(LESSONS["withdraw-receipt"], skin)
    while not rig.results:
        rig.follow()
    byes = [page for page in rig.stage.pages if page.step.startswith("goodbye")]
    taken = rig.results[-1].record.facts["withdrawn_fen"] // 10_000
    assert taken > 0
    assert byes
    assert all(page.body.carried == ("note_100",) * taken + ("bank_card",) for page in byes)
    assert all(page.body.amount_fen == taken * 10_000 for page in byes)
    rig.journal.close()


@pytest.mark.parametrize("skin", machine_loader.skins("atm"))
def test_in_and_straight_back_is_seen_and_the_way_in_is_the_moment(tmp_path, skin):
    rig = AtmRig(tmp_path / "screen.db")
    rig.start(LESSONS["balance"], skin)
    while rig.step != "menu":
        rig.follow()
    rig.press("menu.transfer")
    back = next(key.name for key in rig.engine.page.keys if key.role == "back")
    rig.press(back)
    assert rig.step == "menu"
    assert [step.kinds for step in rig.engine.run.steps if step.step != "menu"][-1] == {"back_and_forth": 1}
    rig.journal.commit_now()
    told = query(rig.journal.path, "SELECT data FROM facts WHERE type = 'step.ended'")
    assert [kinds for (data,) in told if (kinds := json.loads(data)["kinds"])] == [{"back_and_forth": 1}]
    moment = rig.engine.run.moment
    assert (moment.kind, moment.page.step) == ("back_and_forth", "menu")
    assert moment.pressed == moment.page.key("menu.transfer").text
    rig.journal.close()


@pytest.mark.parametrize("seed", range(16))
def test_the_power_goes_somewhere_in_a_lesson(tmp_path, seed):
    chance = random.Random(seed)
    lesson = LESSONS[chance.choice(("withdraw-100", "withdraw-receipt", "deposit", "pin-change"))]
    rig = AtmRig(tmp_path / "screen.db")
    rig.start(lesson, chance.choice(machine_loader.skins("atm")))
    before = rig.hardware.bench.pieces(), rig.hardware.bench.cards()
    cut = chance.randrange(14)
    for step in count():
        if rig.results or step > 60:
            break
        if step == cut:
            rig.stages = chance.randrange(9)
            rig.follow()
            rig = rig.again()
            if rig.engine.run is None:
                break
        rig.follow()
    for _ in range(40):
        rig.engine.strip("end")
        rig.wait(2000)
        if rig.hardware.bench.place == "exit":
            rig.take_card()
        if rig.hardware.bench.tray:
            rig.take_cash()
        if rig.engine.run is None and rig.engine.ready:
            break
    bench = rig.hardware.bench
    assert (bench.pieces(), bench.cards()) == before
    assert (bench.place, bench.escrow_fen, bench.tray) == ("none", 0, ())
    rig.journal.close()
