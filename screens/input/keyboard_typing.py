"""Typing on the glass with letters and pinyin: pure, so every rule is tested without a window.

A field has a board (`Body.board`): digits, letters with digits, or pinyin. On the pinyin board letters gather into a
reading; above the keys stand the characters and words that it may mean, the more frequent first, from `pinyin.txt`
(made by `deploy/generate_pinyin.py`). Whoever presses one has written it; what is left of the reading goes on. Only
whole texts reach a machine (`Typed`): a half-typed reading is the stage's own and stands in no journal.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kiosk_firmware.core.pages import Key, Text
from screens.input import field_editing
from screens.input.field_editing import ERASE

LETTERS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SHOWN, AT_ONCE = 7, 4
"""Candidates that stand side by side, and how many characters are among them before words that are only begun."""
MODE, MORE, PICK = "@", ">", "="
"""First characters of values that are no letter: the other board, more candidates, write this."""


@cache
def table() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return syllable → characters, whole reading → words; read when somebody first types pinyin."""
    text = (Path(__file__).with_name("pinyin.txt")).read_text(encoding="utf-8")
    single, several = text.split("\n--\n")
    rows = (line.split(" ") for line in single.splitlines() if not line.startswith("#"))
    more = (line.split(" ") for line in several.splitlines())
    return {row[0]: row[1] for row in rows}, {key: tuple(words) for key, *words in more}


def first_syllable(reading: str) -> str:
    """Return the longest syllable that the reading begins with; "" where none does."""
    return next((reading[:size] for size in range(min(6, len(reading)), 0, -1) if reading[:size] in table()[0]), "")


def candidates(reading: str) -> tuple[tuple[str, int], ...]:
    """Return what the reading may mean, each with how many of its letters that uses: whole words, the most frequent
    characters of a whole syllable, words that it begins (at least four letters of them), then all characters of its
    first syllable, or of syllables that begin so.
    """
    if not reading:
        return ()
    single, several = table()
    found = dict.fromkeys((word, len(reading)) for word in several.get(reading, ()))
    found |= dict.fromkeys((char, len(reading)) for char in single.get(reading, "")[:AT_ONCE])
    if len(reading) >= 4:
        begun = (words for key, words in several.items() if key.startswith(reading) and key != reading)
        found |= dict.fromkeys((word, len(reading)) for words in begun for word in words)
    if syllable := first_syllable(reading):
        found |= dict.fromkeys((char, len(syllable)) for char in single[syllable])
    if not found or len(reading) < 3:
        begun_by = sorted(key for key in single if key.startswith(reading) and key != reading)
        found |= dict.fromkeys((char, len(reading)) for key in begun_by for char in single[key][:3])
    return tuple(found)


class KeyboardTyping:
    """One field's typing. `board` as `Body.board` names it; `text` is what stands in the field."""

    def __init__(self, board: str, text: str = "") -> None:
        """Begin with no reading typed."""
        self.board, self.text = board, text
        self.reading, self._first, self._latin = "", 0, False

    @property
    def has_candidates(self) -> bool:
        """The board has a row for what a reading may mean."""
        return self.board == "pinyin" and not self._latin

    def shown(self) -> tuple[tuple[str, int], ...]:
        """Return the candidates that stand on the glass now."""
        return candidates(self.reading)[self._first : self._first + SHOWN] if self.has_candidates else ()

    def choices(self) -> tuple[Key, ...]:
        """Return the keys of the row above the letters."""
        keys = [
            Key(f"candidate.{at}", "digit", Text(what), f"{PICK}{what}:{used}")
            for at, (what, used) in enumerate(self.shown())
        ]
        if len(candidates(self.reading)) > SHOWN and self.has_candidates:
            keys.append(Key("candidate.more", "digit", Text("board.more"), MORE, icon="right"))
        return tuple(keys)

    def keys(self) -> tuple[Key, ...]:
        """Return the keys of the board, ten a row."""
        figures = () if self.has_candidates else _row("1234567890")
        upper, middle, lower = (_row(chars) for chars in LETTERS)
        erase = Key("digit.erase", "digit", Text("digit.erase"), ERASE, icon="erase")
        mode = Key("digit.mode", "digit", Text("board.pinyin" if self._latin else "board.latin"), MODE)
        return (*figures, *upper, *middle, erase, *lower, *((mode,) if self.board == "pinyin" else ()))

    def pressed(self, value: str, longest: int = 0) -> str:
        """Press a key of the board with this value; return the field's text after it."""
        if value == MODE:
            self._latin, self.reading = not self._latin, ""
        elif value == MORE:
            following = self._first + SHOWN
            self._first = following if following < len(candidates(self.reading)) else 0
        elif value.startswith(PICK) and len(value) > 1:
            self._written(value[1:], longest)
        elif self.has_candidates and value.isalpha() and value.isascii():
            self.reading, self._first = (self.reading + value)[:24], 0
        elif value == ERASE and self.reading:
            self.reading, self._first = self.reading[:-1], 0
        else:
            self.text = field_editing.edit_text(self.text, value, longest)
        return self.text

    def _written(self, chosen: str, longest: int) -> None:
        what, _, used = chosen.rpartition(":")
        self.text = field_editing.edit_text(self.text, what, longest)
        self.reading, self._first = self.reading[int(used) :], 0


def _row(chars: str) -> tuple[Key, ...]:
    """Return keys with capitals on them, as keyboards have; they write small letters."""
    return tuple(Key(f"digit.{char}", "digit", Text(char.upper()), char) for char in chars)
