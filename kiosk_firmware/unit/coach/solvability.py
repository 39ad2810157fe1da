"""A lesson's proof: one sweep forward over what the coach's acts can reach, one back from the goals.

What the backward sweep does not meet has no way to the goal: it must be what the coach calls lost. Of situations that
lead to the border, where the forward sweep stopped, nothing is known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from kiosk_firmware.core.play import Situation
from kiosk_firmware.unit.coach.search import Ways


class SolvabilitySweep(msgspec.Struct, frozen=True):
    """`seen`: every situation within reach, in the order in which it was met; `won`: those from which a way leads to a
    goal; `unknown`: those from which one leads to the border; `stranded`: those from which no way leads to either, nor
    to where a `never` row would say that the run is spoilt: a learner would be left without a word.
    """

    seen: tuple[Situation, ...]
    won: frozenset[Situation]
    unknown: frozenset[Situation]
    stranded: tuple[Situation, ...]


def sweep(ways: Ways, start: Situation, reach: int) -> SolvabilitySweep:
    """Look at about `reach` situations from `start`; spoilt ones are not gone into."""
    first = ways.settled(start)
    sources: dict[Situation, list[Situation]] = {first: []}
    queue = deque([first])
    goals: list[Situation] = []
    while queue and len(sources) < reach:
        now = queue.popleft()
        if ways.reached(now):
            goals.append(now)
        for _, after in ways.on(now, patient=True):
            if after not in sources:
                sources[after] = []
                queue.append(after)
            sources[after].append(now)
    won, unknown = _backwards(sources, goals), _backwards(sources, queue)
    told = won | unknown | _backwards(sources, ways.risky.intersection(sources))
    return SolvabilitySweep(tuple(sources), won, unknown, tuple(now for now in sources if now not in told))


def _backwards(sources: dict[Situation, list[Situation]], known: Iterable[Situation]) -> frozenset[Situation]:
    won, queue = set(known), deque(known)
    while queue:
        for source in sources[queue.popleft()]:
            if source not in won:
                won.add(source)
                queue.append(source)
    return frozenset(won)
