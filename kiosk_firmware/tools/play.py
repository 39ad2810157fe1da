"""`kiosk play`: a machine played over standard input and output, for people, scripts and outside checks.

Events come as JSON lines ({"type":"Tapped","key":"menu.withdraw","step":"menu"}); each answers with a transition as
one JSON line: the event, whether it was taken, the effects, the page as data and as text, and the facts. With
--answer the world answers effects at once (a sound cabinet, an honest bank); without, effects stay open until their
answer is typed in.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence
from typing import IO, Any

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import AnyEvent, Started
from kiosk_firmware.core.lessons import Lesson, LessonSetting
from kiosk_firmware.core.pages import Page, Text
from kiosk_firmware.core.play import Play, Situation, Transition


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head. Returns 0; 1 if a lesson was given and not reached."""
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description=__doc__)
    parser.add_argument("machine")
    parser.add_argument("--skin", default="")
    parser.add_argument("--lesson", default="", help="its setting, and its goal as the exit code")
    parser.add_argument("--rules-at", default="", metavar="DATE", help="the rules of that day (ISO)")
    parser.add_argument("--persona", default="", help="who plays, by name in personas.toml")
    parser.add_argument("--now", default="", metavar="INSTANT", help="the practised moment (ISO, UTC+8 where unsaid)")
    parser.add_argument("--language", default="zh", choices=machine_loader.LANGUAGES)
    parser.add_argument("--answer", action="store_true", help="let the world answer effects")
    chosen = parser.parse_args(arguments)
    lesson = find_lesson(chosen.machine, chosen.lesson) if chosen.lesson else None
    setting = changed_setting(lesson.setting if lesson else LessonSetting(), chosen.persona, chosen.now)
    date = datetime.date.fromisoformat(chosen.rules_at or setting.now[:10])
    loaded = machine_loader.load(chosen.machine, chosen.skin or setting.skin, date)
    player = Player(loaded, chosen.language, chosen.answer)
    now = player.play_all(opening_event(setting, chosen.language), sys.stdin, sys.stdout)
    return 0 if lesson is None or lesson.reached(player.play.facts(now)) else 1


def changed_setting(setting: LessonSetting, persona: str, now: str) -> LessonSetting:
    """Return the setting with another person or moment, where one is named."""
    if now and datetime.datetime.fromisoformat(now).tzinfo is None:
        now += "+08:00"
    return msgspec.structs.replace(setting, persona=persona or setting.persona, now=now or setting.now)


def find_lesson(machine: str, wanted: str) -> Lesson:
    """Return the machine's lesson of that id.

    Raises:
        LookupError: there is none; says which there are.
    """
    lessons = machine_loader.lessons(machine)
    found = next((lesson for lesson in lessons if lesson.id == wanted), None)
    if found is None:
        raise LookupError(f"lesson {wanted!r} of {machine}: allowed are {', '.join(lesson.id for lesson in lessons)}")
    return found


def opening_event(setting: LessonSetting, language: str) -> Started:
    """Return the event that opens a run in that setting."""
    people = machine_loader.personas()
    if setting.persona not in people:
        raise LookupError(f"persona {setting.persona!r}: allowed are {', '.join(people)}")
    return machine_loader.start_event(people[setting.persona], setting.now, setting.armed, language, setting.scene)


class Player:
    """One play over lines."""

    def __init__(self, loaded: machine_loader.LoadedMachine, language: str, answer: bool) -> None:
        """Set up a play in which all marks are asked for, so that facts are whole."""
        self.play = Play(loaded.machine, loaded.world, frozenset(loaded.machine.FACTS))
        self.words = loaded.words
        self.language = language
        self.answer = answer
        self.decoder = msgspec.json.Decoder(AnyEvent)

    def play_all(self, started: Started, lines: IO[str], out: IO[str]) -> Situation:
        """Play every line; a line that is no event answers {"error": …} and changes nothing."""
        now = self.play.begin(started)
        self._tell(Transition(now, started, now, ()), out)
        for line in lines:
            if not line.strip():
                continue
            try:
                event = self.decoder.decode(line)
            except msgspec.MsgspecError as error:
                print(msgspec.json.encode({"error": str(error)}).decode(), file=out, flush=True)
                continue
            now = self._step(now, event, out)
        return now

    def _step(self, now: Situation, event: AnyEvent, out: IO[str]) -> Situation:
        step = self.play.step(now, self._with_value(now, event))
        self._tell(step, out)
        now = step.after
        while self.answer and (answer := next(self.play.answers(now), None)) is not None:
            step = self.play.step(now, answer)
            self._tell(step, out)
            now = step.after
        return now

    def _with_value(self, now: Situation, event: AnyEvent) -> AnyEvent:
        """Return a tap with its value from the page, as in life."""
        key = self.play.machine.view(now.state).key(getattr(event, "key", ""))
        return msgspec.structs.replace(event, value=key.value) if key and hasattr(event, "value") else event

    def _tell(self, step: Transition, out: IO[str]) -> None:
        page = self.play.machine.view(step.after.state)
        told: dict[str, Any] = {
            "event": step.event,
            "taken": step.taken,
            "effects": step.effects,
            "page": page,
            "text": self.written(page),
            "open": [effect.ref for effect, _ in step.after.open],
            "facts": self.play.facts(step.after),
        }
        print(msgspec.json.encode(told).decode(), file=out, flush=True)

    def written(self, page: Page) -> list[str]:
        """Return the page as lines of text: title, body, keys."""

        def write(text: Text) -> str:
            return self.words.write(text, self.language)

        lines = [write(page.title), *(write(line) for line in page.body.lines)]
        lines += [f"{write(row.label)}: {write(row.value or Text(''))}" for row in page.body.rows]
        return [*lines, *(f"[{key.name}] {write(key.text)}" for key in page.keys)]
