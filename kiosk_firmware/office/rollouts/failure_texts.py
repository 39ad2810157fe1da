"""Say why an update failed, in the page's language. Units say it in English (scripts and agent alike); what they say
by a fixed form is known here, anything else (RAUC's own words) stands as it is.
"""

from __future__ import annotations

import re
from typing import Any

REASONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(form), key)
    for form, key in (
        (r"not between (?P<first>\S+) and (?P<until>\S+)", "window"),
        (r"the window ended", "ended"),
        (r"somebody is practising", "practising"),
        (r"the new system did not come up", "hung"),
        (r"kiosk-(?P<service>\w+)\.service (does not run|had to be started again)", "service"),
        (r"the broker is not reached any more", "reach"),
        (r"it could not be committed", "commit"),
        (r"it runs already", "same"),
        (r"by the office", "office"),
        (r"its time is over", "late"),
        (r"another order came", "other"),
        (r"a stick brought another one", "stick"),
        (r"there is no bundle", "bare"),
        (r"no room: (?P<bytes>\d+) bytes are wanting", "room"),
        (r"the file is not the one that was ordered", "file"),
        (r"version = (?P<version>\S+): allowed is none older than what runs", "older"),
        (r"there is no RAUC here: this unit has one system only", "rauc"),
        (r"this unit does not know the command", "unknown"),
    )
)


def reason(detail: str) -> tuple[str, dict[str, Any]] | None:
    """Return the text's key under `halt`, and its values; None: no form that is known."""
    for form, key in REASONS:
        if found := form.fullmatch(detail):
            return f"halt.{key}", found.groupdict()
    return None
