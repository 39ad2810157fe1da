"""Find what got worse with a device: two sets of its counters, compared in words.

The theory. A device wears slowly and a busy week is no fault, so rates are compared, not counts, and a rate counts as
worse only when chance would hardly make it so: at least `FEWEST` cases, half as many again as before, and three
standard deviations beyond what the earlier rate leads to expect, the uncertainty of the earlier rate included. What a
person did (a foreign card, a coin while none was wanted) is held against nobody.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

FEWEST = 5
ENOUGH = 20
"""Operations below which nothing can be said."""
WIDER = 0.15
"""A pulse's mean width may wander by this part."""
NOT_ITS_FAULT = frozenset(
    {
        "rejected.inhibited",
        "rejected.coin_inhibited",
        "rejected.channel_inhibit",
        "rejected.disabled",
        "rejected.host",
        "rejected.coin_return",
        "rejected.foreign",
        "noise.unheard",
    }
)
"""A slot that was closed, a machine that gave the note back, somebody's own card, a process that was away."""

Kind = Literal["refuses", "fails", "line", "lost"]
SAYS: Mapping[Kind, str] = {
    "refuses": "refuses more",
    "fails": "fails more",
    "line": "its line suffers more",
    "lost": "is lost more often",
}


class Degradation(msgspec.Struct, frozen=True):
    """A rate that got worse: cases and operations now and before, and the most frequent case now."""

    device: str
    kind: Kind
    now: tuple[int, int]
    before: tuple[int, int]
    most: tuple[str, int]

    @property
    def words(self) -> str:
        """As a sentence."""
        now, before = (f"{100 * cases / max(1, of):.1f} % of {of}" for cases, of in (self.now, self.before))
        return f"{self.device}: {SAYS[self.kind]}: {now}, it was {before}; mostly {self.most[0]} ({self.most[1]})"


def cases(kind: Kind, counts: Mapping[str, int]) -> Counter[str]:
    """Return the counters that speak for a kind, without their group's name."""
    groups = {"refuses": ("rejected",), "fails": ("failed",), "line": ("line", "noise"), "lost": ("lost", "unplugged")}
    found: Counter[str] = Counter()
    for name, n in counts.items():
        group, _, what = name.partition(".")
        if group in groups[kind] and name not in NOT_ITS_FAULT and n:
            found[what or group] = n
    if kind == "line" and counts.get("silences"):
        found["silence"] = counts["silences"]
    return found


def operations(kind: Kind, counts: Mapping[str, int]) -> int:
    """Return how often it could have happened."""
    if kind == "refuses":
        return counts.get("accepted", 0) + cases("refuses", counts).total()
    if kind == "fails":
        return counts.get("done", 0) + cases("fails", counts).total()
    return counts.get("accepted", 0) + counts.get("done", 0) + cases("refuses", counts).total()


def is_worse(now: tuple[int, int], before: tuple[int, int]) -> bool:
    """Return whether the rate `now` (cases, operations) is higher than `before`, by more than chance."""
    (cases_now, of_now), (cases_before, of_before) = now, before
    if cases_now < FEWEST or of_now < ENOUGH or of_before < ENOUGH:
        return False
    rate = (cases_before + 1) / (of_before + 1)
    expected = of_now * rate
    spread = math.sqrt(expected * (1 + of_now / of_before) + 1)
    return cases_now > 1.5 * expected and cases_now - expected > 3 * spread


def worse(device: str, now: Mapping[str, int], before: Mapping[str, int]) -> Iterator[Degradation]:
    """Yield every rate of a device that got worse."""
    for kind in SAYS:
        found = cases(kind, now)
        here = (found.total(), operations(kind, now))
        there = (cases(kind, before).total(), operations(kind, before))
        if is_worse(here, there):
            yield Degradation(device, kind, here, there, found.most_common(1)[0])


def pulse_shift_sentence(device: str, now: Mapping[str, int], before: Mapping[str, int]) -> str:
    """Return a sentence when a coin acceptor's pulses have changed, else ""."""
    if min(now.get("pulses", 0), before.get("pulses", 0)) < ENOUGH:
        return ""
    here, there = (counts["pulse_ms"] / counts["pulses"] for counts in (now, before))
    if abs(here - there) <= WIDER * there:
        return ""
    how = "longer" if here > there else "shorter"
    return f"{device}: its pulses became {how}: {here:.0f} ms, they were {there:.0f} ms"


def degradation_sentences(
    now: Mapping[str, Mapping[str, int]], before: Mapping[str, Mapping[str, int]]
) -> Iterator[str]:
    """Yield sentences for all devices: what got worse, and of whom too little is known."""
    for device in sorted({*now, *before}):
        here, there = now.get(device, {}), before.get(device, {})
        found = [one.words for one in worse(device, here, there)]
        if moved := pulse_shift_sentence(device, here, there):
            found.append(moved)
        counted = [operations("line", counts) for counts in (here, there)]
        if found:
            yield from found
        elif max(counted) and min(counted) < ENOUGH:
            yield f"{device}: too little to compare ({counted[0]} now, {counted[1]} then)"
        elif max(counted):
            yield f"{device}: no worse ({counted[0]} now, {counted[1]} then)"
