"""Describe what can be done at a counter, as data: the groups of the number machine, and each errand as a list of
steps.

`errands.toml` of a counter is decoded to `Errands`. A step is one thing that clerk and person do; it is left out where
its condition does not hold: `has` / `lacks` a record (what the office's computer knows of the person), `when` an
earlier question was answered so. Figures (days, fees, bounds) are named, and stand in the rule pack.

Texts follow from the names: `ask.<name>` and `key.<name>.<option>` · `tell.<name>.title|how` · `paper.<id>` ·
`refuse.<why>.title|how` and `way.<why>` · `explain.<why>` · `sign.<name>` · `key.<field>.field` · `menu.<errand>` ·
`queue.<queue>` · `flaw.<flaw>` · `photo.<what>` and `key.photo.<what>` · `step.<step>` for the office.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

CARD = re.compile(r"|kept|again|(?:new|again) 9900\d{12}")
FieldKind = Literal["name", "ident", "birth", "date", "phone", "amount", "choice"]


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field of a form. `least`, `most`: names of the rules that bound an amount (fen); `options`: of a choice.
    `told`: an amount that is a fact of the run (`form_<name>`, yuan), as it says nothing of who practises.
    """

    name: str
    kind: FieldKind
    least: str = ""
    most: str = ""
    options: tuple[str, ...] = ()
    told: bool = False


class Do(msgspec.Struct, frozen=True, tag_field="do", tag=str.lower, forbid_unknown_fields=True, kw_only=True):
    """Base of the steps, with the condition under which one is taken."""

    has: str = ""
    lacks: str = ""
    when: dict[str, tuple[str, ...]] = {}

    def applies(self, records: tuple[str, ...], answers: tuple[tuple[str, str], ...]) -> bool:
        """Return whether the step is taken."""
        if (self.has and self.has not in records) or (self.lacks and self.lacks in records):
            return False
        said = dict(answers)
        return all(said.get(name, "") in wanted for name, wanted in self.when.items())

    def figures(self) -> tuple[str, ...]:
        """Return the rules that the step names."""
        return ()


class Ident(Do, frozen=True):
    """The own, valid ID card, on the reader or handed over. Without it: refused as "no_id"."""


class Paper(Do, frozen=True):
    """A document of one of these kinds. Without it: refused as `missing` ("no_paper" where that is empty); optional:
    the errand goes on.
    """

    papers: tuple[str, ...]
    missing: str = ""
    optional: bool = False


class Ask(Do, frozen=True):
    """A question with answers, the polite or true one among them. `explain`: answers that the clerk says something to
    and asks again; `refuse`: answers that end the errand.
    """

    name: str
    options: tuple[str, ...]
    explain: dict[str, str] = {}
    refuse: dict[str, str] = {}


class Photo(Do, frozen=True):
    """A photograph taken at the window. `hides`: records of what may have to be put right first ("glasses")."""

    hides: tuple[str, ...] = ()

    def needs(self, records: tuple[str, ...]) -> tuple[str, ...]:
        """Return what the person has to do before the picture is good, by the keys `photo.<what>`."""
        return ("sit", *(one for one in self.hides if one in records))


class Tell(Do, frozen=True):
    """The clerk says something that one should understand. `by`: a function of the machine that works out figures of
    what stands on the forms, for the sentence to use.
    """

    name: str
    by: str = ""


class Form(Do, frozen=True):
    """A form, field by field; then all of it once more."""

    fields: tuple[Field, ...]

    def figures(self) -> tuple[str, ...]:
        """Return the bounds of the form's amounts."""
        return tuple(bound for field in self.fields for bound in (field.least, field.most) if bound)


class Sign(Do, frozen=True):
    """A signature: only that somebody has signed is known, never a stroke."""

    name: str


class Fee(Do, frozen=True):
    """The rule `fen` says what it costs; the clerk takes it out of the purse when the application is filed."""

    fen: str

    def figures(self) -> tuple[str, ...]:
        """Return the fee's rule."""
        return (self.fen,)


class Pin(Do, frozen=True):
    """A new PIN for the card, twice, at the PIN pad. `own`: for the card that is made again, where there is one."""

    card: str
    own: bool = False


class Refuse(Do, frozen=True):
    """The clerk refuses, says why, and, asked, the way on."""

    why: str


class Judge(Do, frozen=True):
    """A function of the machine decides: "" goes on, another word is the reason of a refusal."""

    by: str


class File(Do, frozen=True):
    """The application is filed and its slip printed. `keeps`: kinds of papers that stay with the office until it is
    fetched; `days`: the rule that says when that may be (empty: all is done now). `card`: "kept" (the bank gives back
    what machines kept), "new NUMBER" (with an account), "again" or "again NUMBER" (the lost one, made anew).
    """

    keeps: tuple[str, ...] = ()
    days: str = ""
    gives: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    card: str = ""

    def figures(self) -> tuple[str, ...]:
        """Return the rule of the days to wait."""
        return (self.days,) if self.days else ()


class Later(Do, frozen=True):
    """Papers back; then: on which day does one come again? The slip says so."""


class Home(Do, frozen=True):
    """Papers back, and at home: what follows until `later` happens there."""


class Collect(Do, frozen=True):
    """The slip is shown, what was asked for is fetched, and papers that were kept come back. `card`: as of `File`."""

    gives: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    card: str = ""


AnyDo = Ident | Paper | Ask | Photo | Tell | Form | Sign | Fee | Pin | Refuse | Judge | File | Home | Later | Collect


class Queue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of the number machine: its letter (A, B, E, F, which no train has), how many people are ahead, and what
    is done at its window.
    """

    id: str
    letter: Literal["A", "B", "E", "F"]
    ahead: int
    errands: tuple[str, ...] = ()


class Errand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One errand."""

    id: str
    steps: tuple[AnyDo, ...]


class Errands(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An `errands.toml`. `names`: other people's names among which one's own is to be found."""

    queue: tuple[Queue, ...]
    errand: tuple[Errand, ...]
    names: tuple[str, ...] = ()

    def after_filing(self, name: str) -> int:
        """Return the step of that errand at which one goes on who has filed it: the first after the filing that is
        waited for.
        """
        steps = self.of(name).steps
        later = next(at for at, step in enumerate(steps) if isinstance(step, Later))
        return 1 + max(at for at in range(later) if isinstance(steps[at], File))

    def of(self, name: str) -> Errand:
        """Return the errand of that name."""
        return next(errand for errand in self.errand if errand.id == name)


class Data(msgspec.Struct, frozen=True):
    """A counter's data files, as its `build.DATA`."""

    errands: Errands


def problems(found: Errands, rules: object, functions: frozenset[str]) -> Iterator[str]:
    """Yield what in the data leads nowhere: file, errand, key, what is allowed."""
    known = {errand.id for errand in found.errand}
    figures = {name for name in dir(rules) if isinstance(getattr(rules, name), int)}
    for queue in found.queue:
        for name in queue.errands:
            if name not in known:
                yield f"errands.toml: queue {queue.id}: errands: {name!r}: allowed are {', '.join(sorted(known))}"
    for errand in found.errand:
        for at, step in enumerate(errand.steps):
            for name in step.figures():
                if name not in figures:
                    yield f"errands.toml: {errand.id}: step {at}: {name!r}: allowed are {', '.join(sorted(figures))}"
            if isinstance(step, File | Collect) and not CARD.fullmatch(step.card):
                allowed = "kept, new NUMBER, again, again NUMBER (9900 and 12 digits)"
                yield f"errands.toml: {errand.id}: step {at}: card = {step.card!r}: allowed are {allowed}"
            if isinstance(step, Judge | Tell) and step.by not in functions and (step.by or isinstance(step, Judge)):
                allowed = ", ".join(sorted(functions))
                yield f"errands.toml: {errand.id}: step {at}: by = {step.by!r}: allowed are {allowed}"
