"""The pages for who has no ID card along: what one can do, and the phone's code that stands for it."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.pages import Body, Page, Row, Timer, text
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.display_texts import when_text
from kiosk_firmware.machines.rail.state import Terms
from kiosk_firmware.machines.rail.view_parts import timer, waiting_page


def view_no_card(terms: Terms, phase: p.NoCard) -> Page:
    """Return the page of a phase without an ID card."""
    match phase:
        case p.Forgot():
            keys = (key("forgot.ok", "choice"), key("forgot.code", "primary"))
            return message("forgot", "forgot.title", (text("forgot.how"),), keys, timer(terms, "forgot"), icon="warn")
        case p.CodeAsking():
            return waiting_page()
        case p.CodeShown():
            return _code(terms, phase)
        case _:
            assert_never(phase)


def _code(terms: Terms, phase: p.CodeShown) -> Page:
    most = terms.rules.codes_a_month
    rows = (
        Row(text("row.until"), when_text(*divmod(phase.until, 1440), "until")),
        Row(text("row.codes"), text("code.count", count=phase.count, most=most)),
    )
    renew = (key("code.renew", "choice"),) if phase.renewed < terms.rules.code_renewals else ()
    picture = f"kiosk-practice:travel?until={phase.until}&n={phase.renewed}"
    body = Body((text("code.how"),), rows, icon="phone", code=picture)
    keys = (*renew, key("code.ok", "primary"))
    return Page("Pay", "code", text("code.title"), None, body, keys, Timer("code", terms.rules.code_ms), private=True)
