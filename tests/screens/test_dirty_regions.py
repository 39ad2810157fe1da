"""A page that is brought up to date where it changed is, to the pixel, the page drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Body, Page, Row, text
from kiosk_firmware.core.play import Play
from kiosk_firmware.core.strip import Strip
from tests.screens import samples
from tests.screens.test_pages import CASES, page_of
from tests.screens.walking import Found, look_for_pages

pytestmark = pytest.mark.glass
WHOLE = (0, 0, 12, 9)


def frame(glass: Any) -> bytes:
    """What the page's own frame holds now."""
    glass.frame()
    return bytes(glass.stage._fbo.pixels)


def anew(glass: Any) -> bytes:
    """The same, with nothing left of what was there before."""
    glass.stage._sheet.renew()
    return frame(glass)


def said(page: Page) -> Page:
    """Other figures and sentences, as money that falls in or a name that is typed makes them."""
    body = page.body
    rows = tuple(msgspec.structs.replace(row, value=text("money", sum_fen=7700)) for row in body.rows[:-1])
    amount = body.amount_fen + 10_000 if body.amount_fen >= 0 else -1
    other = msgspec.structs.replace(
        body,
        amount_fen=amount,
        rows=(*rows, *body.rows[-1:]),
        field=f"{body.field}1" if body.field_key else "",
        lines=(text("line.short"), *body.lines[1:]) if body.lines else (),
        digits=body.digits + 1 if body.digits else 0,
    )
    return msgspec.structs.replace(page, body=other, title=text("title.done"))


def chosen(page: Page) -> Page:
    """A key in another state, and the last one gone."""
    keys = page.keys
    if not keys:
        return page
    return msgspec.structs.replace(page, keys=(msgspec.structs.replace(keys[0], state="on"), *keys[1:-1]))


CHANGES: tuple[Callable[[Page], Page], ...] = (said, chosen)


@pytest.mark.parametrize("look", sorted({look for look, _ in CASES}))
def test_a_page_brought_up_to_date_is_the_page_drawn_anew(glass: Any, look: str) -> None:
    """One after the other, so that each page also follows another one."""
    words, told = samples.words(), Strip("按**取款**。", can_show=True)
    for at, name in enumerate(name for of, name in CASES if of == look):
        page = page_of(look, name)
        glass.stage.strip(told if at % 2 else Strip())
        for shown in (page, CHANGES[at % 2](page)):
            glass.stage.show(shown, words, "zh", samples.looks()[look], at)
            assert frame(glass) == anew(glass), name


def met(machine: str, known: set[str]) -> Iterator[Page]:
    """Two pages of each kind that is not known yet, of those that the machine shows soon."""
    it, found = machine_loader.load(machine), Found()
    opening = machine_loader.start_event(next(iter(it.personas.values())), "2026-11-24T14:05:00+08:00")
    look_for_pages(found, Play(it.machine, it.world), opening, {}, 120)
    kinds: dict[str, list[Page]] = {}
    for page in found.values():
        kinds.setdefault(page.kind, []).append(page)
    for kind in kinds.keys() - known:
        yield from (kinds[kind][0], kinds[kind][-1])


def test_so_are_kinds_of_pages_that_only_machines_show(glass: Any) -> None:
    known: set[str] = {page_of(look, name).kind for look, name in CASES}
    for entry in machine_loader.describe():
        it = machine_loader.load(entry.id)
        for at, page in enumerate(met(entry.id, known)):
            known.add(page.kind)
            glass.stage.show(page, it.words, "zh", it.look, at)
            assert frame(glass) == anew(glass), page.step
    assert {"Map", "Gate"} <= known


def test_a_page_that_no_frame_ever_showed_leaves_nothing_behind(glass: Any) -> None:
    """Two pages within one turn, as when a device and a finger speak at once; also back to the one before."""
    look, pages = samples.looks()["rongjiang"], samples.MACHINE_PAGES
    for hidden, last in (("list", "pay"), ("pay", "pay"), ("message_ok", "list_short")):
        for name in ("pay", hidden, last):
            glass.stage.show(pages[name], samples.words(), "zh", look, 1)
            if name == "pay" and name != last:
                frame(glass)
        assert frame(glass) == anew(glass)


def test_a_new_amount_draws_a_small_part_of_the_page(glass: Any) -> None:
    from screens.stage.dirty_regions import damage

    look, page = samples.looks()["rongjiang"], samples.MACHINE_PAGES["pay"]
    lists = []
    for fen in (300, 400):
        rows = (Row(text("pay.in"), text("money", sum_fen=fen), "ok"), *page.body.rows[1:])
        body: Body = msgspec.structs.replace(page.body, rows=rows)
        glass.lay(msgspec.structs.replace(page, body=body), samples.words(), "zh", look)
        lists.append(glass.stage._sheet._lying)
    places = damage(lists[0], lists[1], (0, 0, 1280, 800))
    assert 0 < sum((right - left) * (top - low) for left, low, right, top in places) < 1280 * 800 / 20


def test_the_same_page_on_a_new_visit_is_framed_and_takes_touches(glass: Any) -> None:
    """Not one pixel is another, but its 400 ms begin."""
    page = samples.MACHINE_PAGES["menu"]
    for _ in range(2):
        glass.show(page, samples.words(), "zh", samples.looks()["rongjiang"])
        assert glass.stage.canvas.needs_redraw is False
        assert glass.stage.tap("menu.balance")
    glass.lay(page, samples.words(), "zh", samples.looks()["rongjiang"])
    assert glass.stage.canvas.needs_redraw
    assert [event.key for event in glass.posted] == ["menu.balance"] * 2


def boxes() -> st.SearchStrategy[Any]:
    spans = st.tuples(st.integers(0, 11), st.integers(0, 8), st.integers(1, 5), st.integers(1, 5))
    return spans.map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


def marks() -> st.SearchStrategy[Any]:
    from screens.stage.dirty_regions import DrawnShape

    made = st.builds(DrawnShape, st.just(None), st.sampled_from([(0.0,), (1.0,)]), boxes(), st.just(()))
    return st.lists(made, max_size=5)


def over(marks: Any) -> Iterator[tuple[Any, ...]]:
    """What lies over each pixel, from below."""
    for x in range(WHOLE[2]):
        for y in range(WHOLE[3]):
            yield x, y, [m for m in marks if m.box[0] <= x < m.box[2] and m.box[1] <= y < m.box[3]]


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_where_other_marks_lie_is_damage(data: st.DataObject) -> None:
    """Whatever came, went, or was laid above what it lay below."""
    from screens.stage.dirty_regions import PIECES, damage, meet

    before = data.draw(marks())
    after = data.draw(st.permutations(before)) + data.draw(marks()) if data.draw(st.booleans()) else data.draw(marks())
    places = damage(before, after, WHOLE)
    assert len(places) <= PIECES
    assert not any(meet(one, other) for one in places for other in places if one is not other)
    for (x, y, was), (_, _, now) in zip(over(before), over(after), strict=True):
        assert was == now or any(a <= x < c and b <= y < d for a, b, c, d in places)
    assert damage(before, before, WHOLE) == []
