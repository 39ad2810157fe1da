"""`kiosk lessons new`: a lesson by questions and answers at a terminal, for whoever has no office's page at hand.

Each question says what may be answered; an empty answer takes what stands in brackets. What comes out is checked as on
the page (`drafts.tried`), shown step by step, and kept only when it is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk_firmware.core.lessons import LessonTexts
from kiosk_firmware.tools.authoring.author_choices import AuthoringChoices, Choice, FactChoice
from kiosk_firmware.tools.authoring.lesson_drafts import Draft

Ask = Callable[[str], str]
WORDS = {
    "zh": {
        "person": "谁来练？",
        "skin": "哪台机器？（空：都行）",
        "fault": "出什么故障？（空：没有）",
        "scene": "遇到什么骗局？（空：没有）",
        "level": "难度 1 到 7",
        "reach": "要做到什么？（编号，用空格隔开）",
        "avoid": "不能发生什么？（编号，用空格隔开）",
        "value": "{name}：填什么？",
        "title": "标题（{language}）",
        "task": "任务（{language}）",
        "again": "没有这个，请重填：",
    },
    "en": {
        "person": "Who practises?",
        "skin": "Which look? (empty: any)",
        "fault": "Which fault? (empty: none)",
        "scene": "Which fraud? (empty: none)",
        "level": "Level, 1 to 7",
        "reach": "What has to be achieved? (numbers)",
        "avoid": "What must not happen? (numbers)",
        "value": "{name}: how much, or which?",
        "title": "Title ({language})",
        "task": "Task ({language})",
        "again": "There is no such thing, once more:",
    },
}


class Dialogue:
    """One conversation: `ask` shows a question and hands back a line."""

    def __init__(self, offer: AuthoringChoices, language: str, ask: Ask) -> None:
        """Take the offer; nothing is asked yet."""
        self._offer, self._language, self._ask = offer, language, ask
        self._words = WORDS[language]

    def draft(self) -> Draft:
        """Ask everything."""
        offer = self._offer
        person = self._one("person", offer.persons, offer.persons[0].id)
        skin = self._one("skin", offer.skins, "")
        fault = self._one("fault", offer.faults, "")
        scene = self._one("scene", offer.scenes, "")
        reach = {choice.fact: self._value(choice) for choice in self._some("reach", offer.reach)}
        avoid = tuple(choice.fact for choice in self._some("avoid", offer.avoid))
        level = self._number("level", 2)
        texts = {
            language: LessonTexts(self._said("title", language), self._said("task", language))
            for language in offer.names
        }
        return Draft(offer.machine, reach, texts, avoid, level, person, skin, fault, scene)

    def _one(self, what: str, choices: Sequence[Choice], preset: str) -> str:
        if not choices:
            return preset
        lines = [f"  {n}  {choice.names[self._language]}" for n, choice in enumerate(choices, 1)]
        shown = next((str(n) for n, choice in enumerate(choices, 1) if choice.id == preset), "")
        asked = "\n".join((self._words[what], *lines, f"[{shown}] "))
        while True:
            answer = self._ask(asked).strip()
            if not answer:
                return preset
            if answer.isdecimal() and 0 < int(answer) <= len(choices):
                return choices[int(answer) - 1].id
            asked = f"{self._words['again']} "

    def _some(self, what: str, choices: Sequence[FactChoice]) -> list[FactChoice]:
        lines = [f"  {n}  {choice.names[self._language]}" for n, choice in enumerate(choices, 1)]
        preset = " ".join(str(n) for n, choice in enumerate(choices, 1) if choice.preset)
        asked = "\n".join((self._words[what], *lines, f"[{preset}] "))
        while True:
            numbers = (self._ask(asked).strip() or preset).split()
            if all(number.isdecimal() and 0 < int(number) <= len(choices) for number in numbers):
                return [choices[int(number) - 1] for number in dict.fromkeys(numbers)]
            asked = f"{self._words['again']} "

    def _value(self, choice: FactChoice) -> str:
        if choice.kind == "yes":
            return ""
        name = choice.names[self._language]
        if choice.choices:
            return self._one_of(name, choice.choices)
        return self._ask(self._words["value"].format(name=name) + " ").strip()

    def _one_of(self, name: str, choices: Sequence[Choice]) -> str:
        lines = [f"  {n}  {choice.names[self._language]}" for n, choice in enumerate(choices, 1)]
        asked = "\n".join((self._words["value"].format(name=name), *lines, "[1] "))
        while True:
            answer = self._ask(asked).strip() or "1"
            if answer.isdecimal() and 0 < int(answer) <= len(choices):
                return choices[int(answer) - 1].id
            asked = f"{self._words['again']} "

    def _number(self, what: str, preset: int) -> int:
        asked = f"{self._words[what]} [{preset}] "
        while True:
            answer = self._ask(asked).strip() or str(preset)
            if answer.isdecimal() and 0 < int(answer) < 8:
                return int(answer)
            asked = f"{self._words['again']} "

    def _said(self, what: str, language: str) -> str:
        return self._ask(self._words[what].format(language=language) + " ").strip()
