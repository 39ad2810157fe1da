"""Texts by key, rendered for a language; each has a written and a spoken form.

A machine's `zh.toml` and `en.toml` are tables of texts; nested tables join to dotted keys (`[withdraw] title` is
`withdraw.title`). A value is the written text, or a table {text, say} where the voice must say it otherwise. Which
languages there are beside Mandarin and English, and where their texts stand, is `languages.py`'s.
Arguments stand in braces; one whose name ends in `_fen` is shown as yuan, one whose name ends in `_key` is another text
(`mandarin_key`: that text in Mandarin, whatever language is spoken). What a language lacks falls back to
Mandarin (`zh`), then to the key itself, and is listed by `missing`, never hidden.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.spoken_text import spoken

FALLBACK = "zh"


class Written(msgspec.Struct, frozen=True):
    """A text's two forms; `say` empty means that the written one is spoken. `said_only`: there is no written one."""

    text: str
    say: str = ""
    said_only: bool = False


class Words:
    """All texts of a run, by language and key; later tables override earlier ones (skins override machines)."""

    def __init__(self, tables: Iterable[tuple[str, Mapping[str, Written]]] = (), unsaid: Collection[str] = ()) -> None:
        """Join (language, texts) tables. `unsaid`: languages that no voice here can say; Mandarin is said instead."""
        self._by_language: dict[str, dict[str, Written]] = {}
        self._unsaid = frozenset(unsaid)
        for language, table in tables:
            self._by_language.setdefault(language, {}).update(table)

    def joined(self, other: Words) -> Words:
        """Both, `other` winning."""
        tables = [*self._by_language.items(), *other._by_language.items()]
        return Words(tables, self._unsaid | other._unsaid)

    def patterns(self, language: str) -> Iterator[tuple[str, str]]:
        """Every text of a language as (key, the form that is spoken, with its holes)."""
        for key, entry in self._by_language.get(language, {}).items():
            yield key, entry.say or entry.text

    def keys(self, language: str) -> frozenset[str]:
        """The keys that a language has itself."""
        return frozenset(self._by_language.get(language, {}))

    def entry(self, key: str, language: str) -> Written:
        """A text's two forms as they stand, with their holes."""
        return self._find(key, language, aloud=True)[0]

    def missing(self, language: str) -> tuple[str, ...]:
        """Keys that Mandarin has and `language` lacks, sorted."""
        return tuple(sorted(self.keys(FALLBACK) - self.keys(language)))

    def write(self, text: Text, language: str) -> str:
        """The written form."""
        return self._filled(self._find(text.key, language)[0].text, text, language)

    def speak(self, text: Text, language: str) -> str:
        """The spoken form, amounts and train numbers read as people say them."""
        entry, said_in = self._find(text.key, FALLBACK if language in self._unsaid else language, aloud=True)
        return spoken(self._filled(entry.say or entry.text, text, said_in), said_in)

    def _find(self, key: str, language: str, aloud: bool = False) -> tuple[Written, str]:
        """The entry, and the language that has it."""
        for one in (language, FALLBACK):
            entry = self._by_language.get(one, {}).get(key)
            if entry is not None and (aloud or not entry.said_only):
                return entry, one
        return Written(key), language

    def _filled(self, pattern: str, text: Text, language: str) -> str:
        args = {name: self._shown(name, value, language) for name, value in text.args}
        return re.sub(r"\{(\w+)\}", lambda hole: args.get(hole[1], hole[0]), pattern)

    def _shown(self, name: str, value: int | str, language: str) -> str:
        if name.endswith("_fen"):
            return yuan(int(value))
        if name == "mandarin_key":
            return self.write(Text(str(value)), FALLBACK)
        if name.endswith("_key"):
            return self.write(Text(str(value)), language)
        return str(value)


def table(nested: Mapping[str, object], prefix: str = "") -> dict[str, Written]:
    """Flatten a decoded TOML table into texts by dotted key.

    Raises:
        ValueError: a value is neither a text nor a table; names the key.
    """
    flat: dict[str, Written] = {}
    for name, value in nested.items():
        key = f"{prefix}{name}"
        if isinstance(value, str):
            flat[key] = Written(value)
        elif isinstance(value, Mapping) and set(value) <= {"text", "say"} and "text" in value:
            flat[key] = Written(str(value["text"]), str(value.get("say", "")))
        elif isinstance(value, Mapping):
            flat.update(table(value, f"{key}."))
        else:
            raise ValueError(f"text {key} = {value!r}: allowed is a text or a table {{text, say}}")
    return flat


def yuan(fen: int) -> str:
    """Fen as people write yuan: 30000 → "300", 1550 → "15.50", 1234500 → "12,345"."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    whole, rest = divmod(fen, 100)
    return f"{sign}{whole:,}" + (f".{rest:02d}" if rest else "")
