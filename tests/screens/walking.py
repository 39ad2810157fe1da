"""Finds the pages that a machine really shows, by playing it: every act, answer and time-out from each new page on.

A page counts as new when its kind, step, sentences or number of keys are; figures and rows that differ do not make a
new page. So a machine of the catalogue brings its own pages to the picture test, and a page that was added yesterday
is measured today."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from kiosk_firmware.core.events import Started
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.play import Play, Situation

Found = dict[tuple[Any, ...], Page]


def look_for_pages(
    found: Found, play: Play, started: Started, values: Mapping[str, tuple[str, ...]], most: int = 4000
) -> None:
    """Add the pages that are met from an opening to `found`; at most `most` situations are looked at."""
    first = play.begin(started)
    seen: set[Situation] = {first}
    waiting = deque([first])
    while waiting and len(seen) < most:
        now = waiting.popleft()
        page = play.page(now)
        known = found.get(_what(page))
        is_new = known is None
        if known is None or len(page.body.rows) > len(known.body.rows):
            found[_what(page)] = page
        for events in _ways(play, now, values):
            after = now
            for event in events:
                after = play.step(after, event).after
            if after not in seen:
                seen.add(after)
                (waiting.appendleft if is_new else waiting.append)(after)


def named(found: Found) -> dict[str, Page]:
    """The pages by step, numbered where a step has several."""
    names: dict[str, Page] = {}
    for page in found.values():
        step = page.step.replace(".", "-")
        alike = sum(name == step or name.rpartition("-")[0] == step for name in names)
        names[f"{step}-{alike + 1}" if alike else step] = page
    return names


def _ways(play: Play, now: Situation, values: Mapping[str, tuple[str, ...]]) -> list[tuple[Any, ...]]:
    expiry = play.expiry(now)
    faults = play.world.faults(now.world, now.armed, now.open) if now.armed else ()
    calm = [*play.answers(now), *play.acts(now, dict(values)), *([expiry] if expiry else [])]
    return [*((event,) for event in calm), *faults]


def _what(page: Page) -> tuple[Any, ...]:
    """What makes a page another one; of those that differ in rows alone, the longest is kept."""
    body = page.body
    said = (page.title.key, *(line.key for line in body.lines))
    return page.kind, page.step, said, len(page.keys), body.icon
