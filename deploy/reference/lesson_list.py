"""Make the list of all that can be practised, from the machines' own lessons and words, in a teacher's language."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.catalogue.machine_list import CatalogueEntry
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import Words

SAID = {
    "zh": {
        "title": "能练什么",
        "written": "由 `python -m deploy.generate_reference` 按各机器的课生成，请勿手改。",
        "about": "{machines} 种机器，{lessons} 课。难度 1 最容易。**故障**：会出一次故障，或者可能出"
        "（碰运气的，头三次不出）；"
        "**骗局**：会有人来骗，“跳过”不扣什么；**自愿**：只给自己选了的人。编号用在 `kiosk lessons sheet` 和网页上。",
        "head": "| 课 | 要做什么 | 难度 | | 编号 |\n|---|---|---|---|---|",
        "count": "{n} 课",
        "fault": "故障",
        "fraud": "骗局",
        "opt_in": "自愿",
        "sep": "、",
    },
    "en": {
        "title": "What can be practised",
        "written": "Written by `python -m deploy.generate_reference` from the machines' lessons; do not edit.",
        "about": "{machines} machines, {lessons} lessons. Level 1 is the easiest. **Fault**: one strikes, or may "
        "strike (when drawn: not in the first three runs); **fraud**: somebody tries to cheat, and *skip* costs "
        "nothing; **by choice**: only for who chooses it. The id is used with `kiosk lessons sheet` and on the pages.",
        "head": "| lesson | task | level | | id |\n|---|---|---|---|---|",
        "count": "{n} lessons",
        "fault": "fault",
        "fraud": "fraud",
        "opt_in": "by choice",
        "sep": ", ",
    },
}


def lines(language: str) -> Iterator[str]:
    """Yield the page in that language."""
    said, machines = SAID[language], list(machine_loader.describe())
    every = {entry.id: machine_loader.lessons(entry.id) for entry in machines}
    yield f"# {said['title']}\n\n<!-- {said['written']} -->\n"
    yield said["about"].format(machines=len(machines), lessons=sum(map(len, every.values())))
    for entry in machines:
        yield from _machine(entry, every[entry.id], language)


def _machine(entry: CatalogueEntry, lessons: tuple[Lesson, ...], language: str) -> Iterator[str]:
    said, words = SAID[language], machine_loader.machine_texts(entry.id)
    count = said["count"].format(n=len(lessons))
    yield f'\n<a id="{entry.id}"></a>\n\n## {entry.name[language]}\n\n{entry.sub[language]} · {count}\n\n{said["head"]}'
    for lesson in sorted(lessons, key=lambda one: one.level):
        title, task = (_plain(words, f"lesson.{lesson.id}.{part}", language) for part in ("title", "task"))
        yield f"| {title} | {task} | {lesson.level} | {_marks(lesson, said)} | `{lesson.id}` |"


def _marks(lesson: Lesson, said: dict[str, str]) -> str:
    setting = lesson.setting
    told = {"fault": setting.armed or setting.draw, "fraud": setting.scene, "opt_in": lesson.opt_in}
    return said["sep"].join(said[name] for name, is_so in told.items() if is_so)


def _plain(words: Words, key: str, language: str) -> str:
    return words.write(Text(key), language).replace("\n", " ").replace("|", "\\|")
