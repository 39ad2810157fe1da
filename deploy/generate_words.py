"""Makes `screens/text/words_cut_zh.txt`, the words of this project's own Mandarin texts, within which no line ends.

A text is cut into words by jieba (MIT), so that a unit needs it not; `words_zh.txt` beside it is written by hand and
wins. A word at which reading left to right by longest words would come out of step with jieba is left out.

Run as `python -m deploy.generate_words` after texts were changed; needs `jieba`, which is nobody's dependency.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.texts import FALLBACK
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words

FOLDER = Path(__file__).resolve().parent.parent / "screens" / "text"
OWN, MADE = FOLDER / "words_zh.txt", FOLDER / "words_cut_zh.txt"
LEAST, MOST = 2, 4
HAN = re.compile(r"[\u4e00-\u9fff]+")
Span = tuple[int, int]


def texts() -> set[str]:
    """Return every run of Han characters in what a learner, supervisor or technician may read."""
    machines = [line.id for line in machine_loader.describe()]
    known = [
        machine_loader.machine_texts(name, skin) for name in machines for skin in ("", *machine_loader.skins(name))
    ]
    known.append(lobby_words(machine_loader.names()))
    patterns = {words.entry(key, FALLBACK).text for words in known for key in words.keys(FALLBACK)}
    return {run for pattern in patterns for run in HAN.findall(pattern)}


def cut_words(run: str) -> list[Span]:
    """Return where jieba sees words, as (start, end)."""
    import jieba

    return [(start, end) for _, start, end in jieba.tokenize(run, HMM=False)]


def greedy(run: str, lexicon: set[str]) -> Iterator[Span]:
    """Yield where a unit sees words: the longest known one, left to right."""
    at = 0
    while at < len(run):
        size = next((n for n in (5, 4, 3, 2) if run[at : at + n] in lexicon and at + n <= len(run)), 1)
        yield at, at + size
        at += size


def choose_words(runs: Iterable[str], own: set[str]) -> set[str]:
    """Return the words of the texts that a unit finds as jieba does."""
    spans = {run: cut_words(run) for run in runs}
    found = {run[a:b] for run, words in spans.items() for a, b in words if LEAST <= b - a <= MOST}
    while astray := {word for run, words in spans.items() for word in _astray(run, words, found | own)} & (found - own):
        found -= astray
    return found


def _astray(run: str, words: list[Span], lexicon: set[str]) -> Iterator[str]:
    for a, b in greedy(run, lexicon):
        if any((start < a < end < b) or (a < start < b < end) for start, end in words):
            yield run[a:b]


def main() -> None:
    """Write the file."""
    own = set(OWN.read_text(encoding="utf-8").split())
    made = sorted(choose_words(texts(), own) - own)
    lines = [" ".join(made[at : at + 24]) for at in range(0, len(made), 24)]
    MADE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
