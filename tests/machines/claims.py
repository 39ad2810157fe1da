"""Whether what a debrief says is true: each sentence is held against the journal of its run.

A sentence about a fact (`debrief.<fact>`, or `debrief.<fact>.<value>`) is true where the fact has that value at the
end, and got it in this run. With a tick, or as the page's title, it is praise: then the act that it goes back to was
the learner's own. Things that can be held in the hand are also looked for among the events, past all facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import (
    AnyEvent,
    DocumentPrinted,
    ItemsRetracted,
    ItemsTaken,
    MediaRetained,
    MediaTaken,
    Struck,
)
from kiosk_firmware.core.facts import Value
from kiosk_firmware.core.pages import Page, Row, Text
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.lobby.phases.lobby import Ending
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from tests.machines.lives import Life
from tests.machines.walking import texts

LOBBY = lobby_words()
LIKE = "debrief."
EMPTY = ("", -1, 0)
EARLY = ("given_up", "abandoned", "closed")
PROOFS: dict[str, Callable[[AnyEvent], bool]] = {
    "card_back": lambda event: isinstance(event, MediaTaken),
    "id_back": lambda event: isinstance(event, MediaTaken) and event.at == "id_reader",
    "card_kept": lambda event: isinstance(event, MediaRetained),
    "card_left": lambda event: isinstance(event, MediaRetained),
    "cash_retracted": lambda event: isinstance(event, ItemsRetracted),
    "withdrawn_fen": lambda event: isinstance(event, ItemsTaken),
    "receipt_printed": lambda event: isinstance(event, DocumentPrinted) and event.completion == "success",
    "statement_printed": lambda event: isinstance(event, DocumentPrinted) and event.completion == "success",
    "slip_printed": lambda event: isinstance(event, DocumentPrinted) and event.completion == "success",
    "invoice_printed": lambda event: isinstance(event, DocumentPrinted) and event.completion == "success",
    "passes": lambda event: isinstance(event, DocumentPrinted) and event.completion == "success",
    "tags": lambda event: isinstance(event, DocumentPrinted) and event.completion == "success",
}
"""An event without which the fact cannot be."""


def words_of(machine: str, skin: str) -> Words:
    """Everything that such a page may say."""
    return machine_loader.machine_texts(machine, skin).joined(LOBBY)


def wrong(life: Life, ending: Ending, page: Page) -> Iterator[str]:
    """Each sentence that is not true, and each that says nothing."""
    yield from unworded(page, words_of(ending.machine, ending.skin))
    if ending.outcome in EARLY:
        if page.body.rows or len(page.keys) != 1:
            yield f"ended early, and says {[row.label.key for row in page.body.rows]}, {len(page.keys)} keys"
        if page.title.key.startswith(LIKE):
            yield f"ended early, and says {page.title.key}"
        return
    for row in (Row(page.title, mark="ok"), *page.body.rows):
        if row.label.key.startswith(LIKE):
            yield from _false(life, ending, row)
    if ending.unaided and any(moment.hand == "coach" for moment in life.journal):
        yield "unaided, and the coach pressed a key"


def _false(life: Life, ending: Ending, row: Row) -> Iterator[str]:
    said = row.label.key.removeprefix(LIKE)
    name, value = _meant(life, said)
    facts = life.run.facts()
    if value is None:
        value = dict(row.label.args).get("x", dict(row.label.args).get("x_fen", True))
    if said.endswith(".asked") and not any(one.fact == name and one.holds(facts) for one in ending.goal):
        yield f"{said}: not asked for"
    if name == "recovered":
        coached = any(moment.hand == "coach" for moment in life.journal)
        struck = any(isinstance(moment.event, Struck) for moment in life.journal)
        if coached or not struck:
            yield "recovered: nothing struck, or the coach did it"
        return
    if str(facts.get(name)) != str(value):
        yield f"{said}: {name} is {facts.get(name)!r}, not {value!r}"
    changed = _changed(life, name)
    if changed is None:
        yield f"{said}: it was so before the run"
    elif row.mark == "ok" and changed != "learner":
        yield f"{said}: praised, and done by the {changed}"
    proof = PROOFS.get(name)
    if proof and not any(moment.event is not None and proof(moment.event) for moment in life.journal):
        yield f"{said}: nothing of the kind in the journal"
    if name == "fraud_refused" and facts.get("fraud_fell"):
        yield f"{said}: after having been taken in"


def _meant(life: Life, said: str) -> tuple[str, str | None]:
    """The fact that a text's key is about, and the value in it."""
    if said in life.play.machine.FACTS:
        return said, None
    name, _, value = said.partition(".")
    return name, value if value != "asked" else str(life.run.facts().get(name))


def _changed(life: Life, name: str) -> str | None:
    """Whose act gave the fact the value that it has at the end; None where it had it all along."""
    found: str | None = None
    was: Value | None = life.journal[0].facts.get(name)
    for moment in life.journal[1:]:
        now = moment.facts.get(name)
        if now != was:
            found, was = moment.hand, now
    return found


def unworded(page: Page, words: Words) -> Iterator[str]:
    """Keys without a text, texts with a hole, arguments with nothing in them."""
    for language in machine_loader.LANGUAGES:
        known = words.keys(language)
        yield from (f"{language}: {key}: no such text" for key in sorted({*texts(page)} - known))
    for text in said(page):
        for language in machine_loader.LANGUAGES:
            if "{" in words.write(text, language):
                yield f"{language}: {text.key}: {words.write(text, language)}"
        if any(value in EMPTY and not isinstance(value, bool) for _, value in text.args):
            yield f"{text.key}: {text.args}: nothing in it"


def said(page: Page) -> tuple[Text, ...]:
    """Every sentence of the page."""
    rows = [text for row in page.body.rows for text in (row.label, row.value) if text]
    return (page.title, *page.body.lines, *rows, *(key.text for key in page.keys))
