"""What stands on the strip is said for the page that stands, over every machine, skin, lesson and language: in a run
and in a demonstration. A coach that is made to keep a sentence too long is caught.
"""

from __future__ import annotations

import random
import re
import zlib
from functools import cache
from typing import Any

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Page, Text
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.unit.coach.hints import RunCoach
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.unit.runtime.interfaces import RunRequest
from kiosk_firmware.unit.runtime.run_page import RunPage
from kiosk_firmware.unit.shell.demonstration import Demonstration
from tests.unit.runtime.lives import CASES, PEOPLE, Frame, Life
from tests.unit.runtime.rig import Clock, Stage

COACH = lobby_texts()
QUIET = ("wait", "reached", "lost", "unsure", "shown", "queue", "leaving", "dark", "time")
"""What the coach says of no act."""


@cache
def patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(name, pattern) of each sentence of the coach that names an act: whatever its arguments are."""
    found = []
    for key in sorted(COACH.keys(language)):
        if not key.startswith("coach.") or key.removeprefix("coach.") in QUIET:
            continue
        template = COACH.entry(key, language).text
        parts = [re.escape(part) for part in re.split(r"\{[a-z_]+\}", template)]
        found.append((key.removeprefix("coach."), re.compile("(.+)".join(parts))))
    return tuple(found)


def acts_named(strip: Strip, language: str) -> list[tuple[str, tuple[str, ...]]]:
    """The acts that the strip names, with what it calls them."""
    if strip.sentence in (COACH.write(Text(f"coach.{key}"), language) for key in QUIET):
        return []
    return [(name, hit.groups()) for name, pattern in patterns(language) if (hit := pattern.fullmatch(strip.sentence))]


def strangers(frame: Frame, language: str) -> list[str]:
    """What on the strip does not belong to the page that stands. A glass that a practised cut made dark lets it go."""
    page, found = frame.page, []
    strip = frame.strip.on(page.step) if page.body.icon == "dark" else frame.strip
    if strip.step != page.step:
        found.append(f"said for {strip.step}, stands on {page.step}")
    if strip.halo_key and strip.halo_slot:
        found.append(f"two halos: {strip.halo_key} and {strip.halo_slot}")
    if strip.halo_key and page.key(strip.halo_key) is None and strip.halo_key != page.body.field_key:
        found.append(f"halo on {strip.halo_key}, which is not on the page")
    if strip.halo_slot and strip.halo_slot not in {getattr(act, "at", "") for act in frame.acts}:
        found.append(f"halo on {strip.halo_slot}, where nothing can be done")
    for name, args in acts_named(strip, language):
        key = page.key(strip.halo_key)
        if name in ("press", "showing_press") and (
            key is None or args[0] != frame.words.write(key.text, frame.language)
        ):
            found.append(f"{strip.sentence}: that key is not the one on the page")
    return [f"{page.step}: {one}" for one in found]


def stale(frames: list[Frame], language: str) -> list[str]:
    """What stood there too long: of one page, and what was done on the way to it, still said on the next."""
    found = [one for frame in frames for one in strangers(frame, language)]
    since = dict[str, str]()
    for frame in frames:
        said = [name for name, _ in acts_named(frame.strip, language) if name.startswith("yours_")]
        first = since.setdefault(frame.strip.sentence, frame.page.step) if said else frame.page.step
        if first != frame.page.step:
            found.append(f"{frame.page.step}: {frame.strip.sentence!r} was said on {first}")
        since = {frame.strip.sentence: first} if said else {}
    return found


def lived(folder: Any, case: Any, language: str, moves: int) -> list[Frame]:
    """The frames of one run by chance."""
    machine, skin, lesson = case
    life = Life(folder, machine, skin, lesson, language)
    for _ in life.by_chance(random.Random(zlib.crc32(f"{machine} {skin} {lesson.id} {language}".encode())), moves):
        pass
    life.close()
    return life.frames


PARTS = 6


def chosen(number: int, long: bool) -> list[Any]:
    """The cases of one part: all of them with --long, else some."""
    part = CASES[number::PARTS]
    return part if long else part[:: len(part) // 2]


def watched(case: Any, language: str) -> list[Frame]:
    """The frames of a lesson that the coach does to be watched."""
    machine, skin, lesson = case
    loaded = machine_loader.with_linked_machines(machine_loader.load(machine, skin), machine)
    order = RunRequest(machine, skin, PEOPLE[lesson.setting.persona], lesson, language=language)
    stage, clock = Stage(), Clock()
    showing = Demonstration(loaded, order, stage, clock, COACH, lambda sentence, tongue: None)
    frames = list[Frame]()
    while not showing.over:
        acts = showing._ways.play.acts(showing._now, lesson.values)
        written = COACH.joined(loaded.words)
        frames.append(Frame(stage.pages[-1], stage.strips[-1], acts, written, showing._language))
        showing.tick()
        clock.now += 0 if showing.is_searching else 100
    return frames


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
@pytest.mark.parametrize("number", range(PARTS))
def test_what_the_coach_says_in_a_run_belongs_to_the_page_that_stands(tmp_path, number, language, long):
    found, seen = list[str](), 0
    for at, case in enumerate(chosen(number, long)):
        (folder := tmp_path / str(at)).mkdir()
        frames = lived(folder, case, language, 25 if long else 12)
        seen += sum(bool(acts_named(frame.strip, language)) for frame in frames)
        found += [f"{case[0]} {case[1]} {case[2].id}: {one}" for one in stale(frames, language)]
    assert not found, f"{len(found)}\n" + "\n".join(dict.fromkeys(found))
    assert seen > 20


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
@pytest.mark.parametrize("number", range(PARTS))
def test_what_is_said_in_a_demonstration_belongs_to_the_page_that_stands(number, language, long):
    found = list[str]()
    for case in chosen(number, long):
        frames = watched(case, language)
        found += [f"{case[0]} {case[1]} {case[2].id}: {one}" for one in stale(frames, language)]
        assert any(acts_named(frame.strip, language) for frame in frames), case
    assert not found, f"{len(found)}\n" + "\n".join(dict.fromkeys(found))


def kept_hint(patch: Any) -> None:
    """A coach whose hint outlives its page."""

    def moved(self: RunCoach, now: Any, page: Page, visit: int) -> None:
        hint = self.hint
        honest(self, now, page, visit)
        self.hint, self._wanted = self.hint or hint, max(self._wanted, 2) if hint else self._wanted

    honest = RunCoach.moved
    patch.setattr(RunCoach, "moved", moved)


def kept_done(patch: Any) -> None:
    """A coach that says what it did, whatever page has come since."""

    def moved(self: RunCoach, now: Any, page: Page, visit: int) -> None:
        honest(self, now, page, self._done_at or visit)

    honest = RunCoach.moved
    patch.setattr(RunCoach, "moved", moved)


def kept_remark(patch: Any) -> None:
    """A strip that is drawn for the page before."""
    patch.setattr(RunPage, "_step", property(lambda self: f"{self._run.page.step}#1"))


def kept_caption(patch: Any) -> None:
    """A demonstration whose caption stays while the next page stands."""
    before = Demonstration._strip

    def strip(self: Demonstration, sentence: str, hint: Any = None) -> None:
        self.kept = sentence or getattr(self, "kept", "")
        before(self, self.kept, hint)

    patch.setattr(Demonstration, "_strip", strip)


@pytest.mark.parametrize("mutant", [kept_hint, kept_done, kept_remark])
def test_a_coach_that_keeps_a_stale_sentence_in_a_run_is_caught(tmp_path, monkeypatch, mutant):
    mutant(monkeypatch)
    case = next(case for case in CASES if (case[0], case[2].id) == ("atm", "deposit"))
    life = Life(tmp_path, *case, "zh", pace="real")
    for _ in range(40):
        if life.engine.run is None:
            break
        life.engine.strip("show")
        life.wait(65_000 if life.engine.run.page.step == "menu" else 4000)
        if life.engine.run is not None:
            life.follow()
    life.close()
    assert stale(life.frames, "zh")


def test_a_demonstration_that_keeps_a_stale_caption_is_caught(monkeypatch):
    kept_caption(monkeypatch)
    assert stale(watched(CASES[0], "zh"), "zh")


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
@pytest.mark.parametrize("number", range(PARTS))
def test_a_run_that_is_ended_names_what_is_to_be_taken_and_where(tmp_path, number, language, long):
    """With its one halo; where there is nothing to take, nobody is told to take anything."""
    waits, found = COACH.write(Text("coach.leaving"), language), list[str]()
    for at, case in enumerate(chosen(number, long)):
        (folder := tmp_path / str(at)).mkdir()
        life = Life(folder, *case, language)
        for _ in range(2 + at % 6):
            if life.engine.run is not None:
                life.follow()
        life.engine.strip("end")
        life.frames.clear()
        for _ in range(40):
            if life.engine.run is not None:
                life.wait(2000)
        life.close()
        for frame in life.frames:
            takes = {act.at for act in frame.acts if type(act).__name__ in ("MediaTaken", "ItemsTaken")}
            slot = next(iter(sorted(takes & set(frame.page.at))), "")
            named = COACH.write(Text(f"slot.{slot}"), language) if slot else waits
            if named not in frame.strip.sentence or frame.strip.halo_slot not in (slot, *takes):
                found.append(f"{case[0]} {case[2].id} {frame.page.step}: {frame.strip.sentence!r}, {slot}")
    assert not found, "\n".join(dict.fromkeys(found))
