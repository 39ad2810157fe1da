"""Define what a clerk enters into the office's computer.

Each ask comes back in `HostAnswered` with its answer fields filled in. An application has an id and may be entered
again: it is filed, and its fee taken, once. What is ready is handed out once.
"""

from __future__ import annotations

from typing import Literal

import msgspec

CounterVerdict = Literal["ok", "nothing", "early", "offline"]


class CounterQuestion(msgspec.Struct, frozen=True, tag=True):
    """Base of the clerk's asks: the errand, as the counter's own data name it."""

    errand: str
    id: int = 0


class FileAsked(CounterQuestion, frozen=True):
    """File the application on `day` (since 1970): the clerk keeps these papers and takes the fee out of the purse. What
    is done at once gives papers, adds records and drops some. `ready`: the day on which the rest can be fetched;
    `answers`: what was said, as the result depends on it; `card`: what becomes of bank cards (`errands.File.card`).
    Answer: the acceptance number.
    """

    day: int = 0
    ready: int = 0
    keeps: tuple[str, ...] = ()
    fee_fen: int = 0
    gives: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    number: str = ""
    card: str = ""


class CollectAsked(CounterQuestion, frozen=True):
    """Is the application of that number ready on `day`? Then give what it brings, and the papers that were kept."""

    number: str = ""
    day: int = 0
    gives: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    card: str = ""


CounterAsk = FileAsked | CollectAsked
