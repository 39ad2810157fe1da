"""Paper: what lies on the desk between the person and who sits at the window.

A form (rows, the one being filled marked "next"), what was filled in, a line to sign on (picture "sign", "signed"), a
slip (picture "slip_out"), papers that lie there (`Body.carried`), or the bag of one's own (keys `paper.*`). A look with
its steps in a column has the sheet at the left and the person at the right, others the other way round.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Key
from screens.pages.hall import columns_of
from screens.parts import key_layout, keypad, paper_form, service_window
from screens.parts import keys as parts
from screens.parts.key_layout import LEAVING
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Rect

HALF = 0.49
PAD_WIDE, PAD_HIGH = 420.0, 388.0
STRIPE = 179.0
KEYS = 92.0


class Paper:
    """Draws pages of kind Paper."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw the desk as its page has it."""
        body = scene.page.body
        if body.carried or not (body.rows or body.icon):
            over_the_desk(scene)
        else:
            beside_the_sheet(scene)


def _area(scene: PageCanvas) -> Rect:
    top = scene.top + 12
    left, right = (scene.area.x, scene.area.right) if scene.look.rail and scene.page.body.trail else (24.0, PAGE.w - 24)
    return Rect(left, top, right - left, PAGE.bottom - 14 - top)


def _ring(scene: PageCanvas) -> bool:
    """Return whether the time-out ring takes a corner of the page."""
    return scene.page.timer is not None and not scene.look.rail


def over_the_desk(scene: PageCanvas) -> None:
    """Draw who speaks above, the papers below, the other keys at the right."""
    area, keys = _area(scene), key_layout.machine_keys(scene)
    found = [key for key in keys if key.name.startswith("paper.")]
    others = sorted((key for key in keys if key not in found), key=lambda key: key.role in LEAVING)
    high = 224.0
    wide = scene.ring_wide - 16 if _ring(scene) else 0.0
    service_window.draw(scene, Rect(area.x, area.y, area.w - wide, high), mirrored=scene.look.rail)
    low = Rect(area.x, area.y + high + 14, area.w, area.h - high - 14)
    column = 300.0
    each = min(112.0, (low.h - 14 * (len(others) - 1)) / max(1, len(others)))
    top = low.bottom - len(others) * (each + 14) + 14
    for at, key in enumerate(others):
        parts.button(scene, key, Rect(low.right - column, top + at * (each + 14), column, each))
    desk = Rect(low.x, low.y, low.w - column - 18, low.h)
    if scene.page.body.carried:
        paper_form.draw_lying_papers(scene, desk)
    else:
        paper_form.bag(scene, desk, found)


def beside_the_sheet(scene: PageCanvas) -> None:
    """Draw the sheet at one side, who speaks and what one answers at the other."""
    area, rail = _area(scene), scene.look.rail
    ring = _ring(scene)
    top = area.y
    if scene.page.body.field_key:  # a pad is high: who speaks has the top of the page
        wide = area.w - (scene.ring_wide - 16 if ring else 0)
        service_window.draw(scene, Rect(area.x, area.y, wide, STRIPE), mirrored=rail)
        top = area.y + STRIPE + 7
    wide = area.w * HALF - 8
    left, right = (Rect(x, top, wide, area.bottom - top) for x in (area.x, area.right - wide))
    sheet, other = (left, right) if rail else (right, left)
    if ring and top == area.y:
        sheet = Rect(sheet.x, sheet.y + 100, sheet.w, sheet.h - 100)
    keys = key_layout.machine_keys(scene)
    aside = ("choice",) if scene.page.body.icon != "slip_out" else ("choice", "primary")
    choices = [key for key in keys if key.role in aside and key.name != "sign.here"]
    if len(choices) < len(keys):
        sheet = Rect(sheet.x, sheet.y, sheet.w, sheet.h - KEYS - 12)
    below = _on_sheet(scene, sheet, [key for key in keys if key not in choices])
    _row(scene, below, Rect(sheet.x, sheet.bottom + 12, sheet.w, KEYS))
    _answers(scene, other, choices)


def _on_sheet(scene: PageCanvas, rect: Rect, keys: list[Key]) -> list[Key]:
    """Draw the sheet; the keys that do not lie on it."""
    match scene.page.body.icon:
        case "sign" | "signed":
            return paper_form.draw_signature_sheet(scene, rect, keys)
        case "slip_out":
            paper_form.slip(scene, rect)
        case _:
            paper_form.form(scene, rect)
    return keys


def _row(scene: PageCanvas, keys: list[Key], room: Rect) -> None:
    """Draw the way out at the left, what confirms at the right."""
    order = {"back": 0, "danger": 0, "primary": 2}
    found = sorted(keys, key=lambda key: order.get(key.role, 1))
    wide = (room.w - 14 * (len(found) - 1)) / max(2, len(found))
    left = room.right - len(found) * (wide + 14) + 14
    for at, key in enumerate(found):
        parts.button(scene, key, Rect(left + at * (wide + 14), room.y, wide, room.h))


def _answers(scene: PageCanvas, rect: Rect, choices: list[Key]) -> None:
    """Draw who speaks; below a pad where figures are written, or what may be chosen."""
    rail = scene.look.rail
    digits = keypad.digits(scene) if scene.page.body.field_key else ()
    if digits:
        pad = Rect(rect.centre[0] - PAD_WIDE / 2, rect.bottom - PAD_HIGH, PAD_WIDE, PAD_HIGH)
        keypad.draw(scene, digits, pad)
        return
    if not choices:
        service_window.draw(scene, rect, mirrored=rail)
        return
    columns = min(2, columns_of(scene, choices)) if len(choices) > 3 else 1
    rows = -(-len(choices) // columns)
    high = rows * 100.0 - 14
    key_layout.grid(scene, choices, Rect(rect.x, rect.bottom - high, rect.w, high), columns, 90)
    service_window.draw(scene, Rect(rect.x, rect.y, rect.w, rect.h - high - 14), mirrored=rail)
