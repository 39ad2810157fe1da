"""Write the documents that follow from the code: the reference, a page a kind, and the runbook of alerts.

`python -m deploy.generate_reference` writes them; a test compares. What they say of each thing is the code's own
docstring, so nothing is said twice and nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from deploy.reference import commands, connection_errors, events_and_effects, facts, lesson_list, runbook, settings

DOCS = Path(__file__).parent.parent / "docs"
PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "reference/cli.md": commands.lines,
    "reference/unit-toml.md": settings.unit_lines,
    "reference/office-toml.md": settings.office_lines,
    "reference/devices.md": settings.device_lines,
    "reference/events.md": events_and_effects.event_lines,
    "reference/effects.md": events_and_effects.effect_lines,
    "reference/faults.md": events_and_effects.fault_lines,
    "reference/facts.md": facts.lines,
    "zh/teacher/lessons.md": partial(lesson_list.lines, "zh"),
    "en/teacher/lessons.md": partial(lesson_list.lines, "en"),
    "zh/technician/sentences.md": partial(connection_errors.lines, "zh"),
    "en/technician/sentences.md": partial(connection_errors.lines, "en"),
    "zh/office/runbook.md": partial(runbook.lines, "zh"),
    "en/office/runbook.md": partial(runbook.lines, "en"),
}


def reference_page(page: str) -> str:
    """Return a page as it must stand in docs/."""
    return "\n".join(PAGES[page]()) + "\n"


def main() -> None:
    """Write every page."""
    for page in PAGES:
        (DOCS / page).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / page).write_text(reference_page(page), encoding="utf-8")


if __name__ == "__main__":
    main()
