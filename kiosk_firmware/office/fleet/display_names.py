"""Names for what facts name by id: machines, lessons, sites. What has no name is shown by its id, never hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec


class DisplayNames(msgspec.Struct, frozen=True):
    """Id → language → name. Lessons and steps are named within their machine, `machine/lesson`."""

    machines: Mapping[str, Mapping[str, str]] = {}
    lessons: Mapping[str, Mapping[str, str]] = {}
    sites: Mapping[str, Mapping[str, str]] = {}
    steps: Mapping[str, Mapping[str, str]] = {}

    def step(self, machine: str, id_: str, language: str) -> str:
        """Return what a machine's step is for."""
        return _display_name(self.steps, f"{machine}/{id_}", id_, language)

    def any_step(self, id_: str, language: str) -> str:
        """Return the name of a step where the machine is not said: steps of equal name are for the same."""
        key = next((key for key in self.steps if key.endswith(f"/{id_}")), "")
        return _display_name(self.steps, key, id_, language)

    def machine(self, id_: str, language: str) -> str:
        """Return the machine's name."""
        return _display_name(self.machines, id_, id_, language)

    def lesson(self, machine: str, id_: str, language: str) -> str:
        """Return the lesson's name."""
        return _display_name(self.lessons, f"{machine}/{id_}", id_, language)

    def site(self, id_: str, language: str) -> str:
        """Return the site's name."""
        return _display_name(self.sites, id_, id_, language)


def _display_name(table: Mapping[str, Mapping[str, str]], key: str, else_: str, language: str) -> str:
    names = table.get(key, {})
    return names.get(language) or names.get("zh") or else_


def from_catalogue(entries: Iterable[Any]) -> DisplayNames:
    """Return the names from `catalogue.describe()`: entries with `id`, `name` by language, and perhaps
    `lessons` by id.
    """
    machines: dict[str, Mapping[str, str]] = {}
    lessons: dict[str, Mapping[str, str]] = {}
    for entry in entries:
        machines[entry.id] = entry.name
        for id_, names in getattr(entry, "lessons", {}).items():
            lessons[f"{entry.id}/{id_}"] = names
    return DisplayNames(machines, lessons)
