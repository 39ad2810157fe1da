"""Texts by key, rendered for a language; each has a written and a spoken form.

A machine's `zh.toml` and `en.toml` are tables of texts; nested tables join to dotted keys (`[withdraw] title` is
`withdraw.title`). A value is the written text, or a table {text, say} where the voice must say it otherwise. Which
languages there are beside Mandarin and English, and where their texts stand, is `languages.py`'s.
Arguments stand in braces; one whose name ends in `_fen` is shown as yuan, one whose name ends in `_key` is another text
(`mandarin_key`: that text in Mandarin, whatever language is spoken). `{=key.menu.balance}` stands for what another text
says, so a sentence names a key of the glass as the skin at hand has it. What a language lacks falls back to
Mandarin (`zh`), and is listed by `missing`, never hidden. What Mandarin lacks, too, is a fault of ours: nobody reads
its key, but a plain sentence, and `UNKNOWN.tell` hears of it (tests let it raise).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial

import msgspec

from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.spoken_text import spoken_form

FALLBACK = "zh"
PLAIN = {"zh": "这里少了一句话。", "en": "Some words are missing here."}
"""What is shown, printed or said in place of a text that is not there."""
_MOST_KEY = 80
"""Characters of a key that are told."""
_QUOTED = re.compile(r"\{=([\w.-]+)\}")
log = logging.getLogger(__name__)


class UnknownTexts:
    """Texts that were asked for and are not there: each is told once, to the log, and waits for whoever tells the
    office (`take`).
    """

    def __init__(self) -> None:
        """Set up; `tell` may be taken over: tests let it raise."""
        self.tell: Callable[[str, str], None] = self._note
        self._met: set[tuple[str, str]] = set()
        self._waiting: list[tuple[str, str]] = []

    def met(self, key: str, language: str) -> str:
        """Tell of it; what stands in its place."""
        if (key, language) not in self._met:
            self.tell(key, language)
            self._met.add((key, language))
        return PLAIN.get(language, PLAIN[FALLBACK])

    def take(self) -> tuple[tuple[str, str], ...]:
        """Take those (key, language) that nobody has taken yet."""
        waiting, self._waiting = self._waiting, []
        return tuple(waiting)

    def _note(self, key: str, language: str) -> None:
        log.error("no text %s in %s", key, language)
        self._waiting.append((key[:_MOST_KEY], language))


UNKNOWN = UnknownTexts()


class TextForms(msgspec.Struct, frozen=True):
    """A text's two forms; `say` empty means that the written one is spoken. `said_only`: there is no written one."""

    text: str
    say: str = ""
    said_only: bool = False


class Words:
    """All texts of a run, by language and key; later tables override earlier ones (skins override machines)."""

    def __init__(
        self,
        tables: Iterable[tuple[str, Mapping[str, TextForms]]] = (),
        unsaid: Collection[str] = (),
        partial: bool = False,
    ) -> None:
        """Join (language, texts) tables. `unsaid`: languages that no voice here can say; Mandarin is said instead.
        `partial`: others will be joined to it (or it is a test's): an unknown key stands for itself.
        """
        self._partial = partial
        self._by_language: dict[str, dict[str, TextForms]] = {}
        self._unsaid = frozenset(unsaid)
        for language, table in tables:
            self._by_language.setdefault(language, {}).update(table)

    def joined(self, other: Words) -> Words:
        """Return both, `other` winning."""
        tables = [*self._by_language.items(), *other._by_language.items()]
        return Words(tables, self._unsaid | other._unsaid, self._partial or other._partial)

    def quoted(self) -> Words:
        """Fill each `{=key}` with what that text says, without its emphasis, and return the same words."""
        for language, entries in self._by_language.items():
            for key, one in entries.items():
                if "{=" in one.text or "{=" in one.say:
                    text, say = (_QUOTED.sub(partial(self._quote, language), form) for form in (one.text, one.say))
                    entries[key] = TextForms(text, say, one.said_only)
        return self

    def _quote(self, language: str, hole: re.Match[str]) -> str:
        return self._find(hole[1], language)[0].text.replace("**", "")

    def patterns(self, language: str) -> Iterator[tuple[str, str]]:
        """Yield every text of a language as (key, the form that is spoken, with its holes)."""
        for key, entry in self._by_language.get(language, {}).items():
            yield key, entry.say or entry.text

    def has(self, key: str) -> bool:
        """Return whether there is such a text in Mandarin."""
        return key in self._by_language.get(FALLBACK, {})

    def keys(self, language: str) -> frozenset[str]:
        """Return the keys that a language has itself."""
        return frozenset(self._by_language.get(language, {}))

    def entry(self, key: str, language: str) -> TextForms:
        """Return a text's two forms as they stand, with their holes."""
        return self._find(key, language, aloud=True)[0]

    def missing(self, language: str) -> tuple[str, ...]:
        """Return the keys that Mandarin has and `language` lacks, sorted."""
        return tuple(sorted(self.keys(FALLBACK) - self.keys(language)))

    def write(self, text: Text, language: str) -> str:
        """Return the written form of a text."""
        return self._filled(self._find(text.key, language)[0].text, text, language)

    def speak(self, text: Text, language: str) -> str:
        """Return the spoken form of a text, amounts and train numbers read as people say them."""
        entry, said_in = self._find(text.key, FALLBACK if language in self._unsaid else language, aloud=True)
        return spoken_form(self._filled(entry.say or entry.text, text, said_in), said_in)

    def _find(self, key: str, language: str, aloud: bool = False) -> tuple[TextForms, str]:
        """Return the entry of a key, and the language that has it."""
        for one in (language, FALLBACK):
            entry = self._by_language.get(one, {}).get(key)
            if entry is not None and (aloud or not entry.said_only):
                return entry, one
        literal = self._partial or key == key.upper()  # a figure or letter on a key is no key of a text
        return TextForms(key if literal else UNKNOWN.met(key, language)), language

    def _filled(self, pattern: str, text: Text, language: str) -> str:
        args = {name: self._shown(name, value, language) for name, value in text.args}

        def fill(hole: re.Match[str]) -> str:
            if hole[1] in args or self._partial:
                return args.get(hole[1], hole[0])
            UNKNOWN.met(f"{text.key}{hole[0]}", language)
            return ""

        return re.sub(r"\{(\w+)\}", fill, pattern)

    def _shown(self, name: str, value: int | str, language: str) -> str:
        if name.endswith("_fen"):
            return yuan(int(value))
        if name == "mandarin_key":
            return self.write(Text(str(value)), FALLBACK)
        if name.endswith("_key"):
            return self.write(Text(str(value)), language)
        return str(value)


def table(nested: Mapping[str, object], prefix: str = "") -> dict[str, TextForms]:
    """Flatten a decoded TOML table into texts by dotted key.

    Raises:
        ValueError: a value is neither a text nor a table; names the key.
    """
    flat: dict[str, TextForms] = {}
    for name, value in nested.items():
        key = f"{prefix}{name}"
        if isinstance(value, str):
            flat[key] = TextForms(value)
        elif isinstance(value, Mapping) and set(value) <= {"text", "say"} and "text" in value:
            flat[key] = TextForms(str(value["text"]), str(value.get("say", "")))
        elif isinstance(value, Mapping):
            flat.update(table(value, f"{key}."))
        else:
            raise ValueError(f"text {key} = {value!r}: allowed is a text or a table {{text, say}}")
    return flat


def yuan(fen: int) -> str:
    """Write fen as people write yuan: 30000 → "300", 1550 → "15.50", 1234500 → "12,345"."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    whole, rest = divmod(fen, 100)
    return f"{sign}{whole:,}" + (f".{rest:02d}" if rest else "")
