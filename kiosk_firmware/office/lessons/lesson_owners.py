"""Keep whose each lesson at the office is: the sites of whoever wrote it.

Who sees one of its sites may look at it and send it to their own units; to write over it or to take it back, all of its
sites must be theirs. A lesson of which nobody is known (kept before this was written down) is everybody's, so only
people of all sites take it back.
"""

from __future__ import annotations

from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.accounts.people_db import PeopleDb

ALL: frozenset[str] = frozenset()


class LessonOwners:
    """The sites of each kept lesson, in the pages' own database; none is all."""

    def __init__(self, db: PeopleDb) -> None:
        self._db = db

    def sites(self, machine: str, lesson: str) -> frozenset[str]:
        """Return the sites that the lesson belongs to."""
        asked = "SELECT sites FROM lesson_owners WHERE machine = ? AND lesson = ?"
        rows = self._db.rows(asked, machine, lesson)
        return frozenset(filter(None, rows[0]["sites"].split(","))) if rows else ALL

    def hidden_from(self, person: SignedInUser) -> set[tuple[str, str]]:
        """Return machine and id of each lesson that is not the person's to see."""
        rows = self._db.rows("SELECT machine, lesson FROM lesson_owners")
        found = {(row["machine"], row["lesson"]) for row in rows}
        return {one for one in found if not self.may_see(person, *one)}

    def may_see(self, person: SignedInUser, machine: str, lesson: str) -> bool:
        """Return whether the person may look at the lesson and send it to their own units."""
        sites = self.sites(machine, lesson)
        return not sites or any(person.sees(site) for site in sites)

    def may_change(self, person: SignedInUser, machine: str, lesson: str) -> bool:
        """Return whether the person may write over the lesson or take it back."""
        return person.governs(self.sites(machine, lesson))

    def keep(self, person: SignedInUser, machine: str, lesson: str, now_ms: int) -> None:
        """Write down that the lesson belongs to the sites of whoever keeps it."""
        row = (machine, lesson, ",".join(sorted(person.sites)), person.name, now_ms)
        with self._db.change() as db:
            columns = "machine, lesson, sites, who, at_ms"
            db.execute(f"INSERT OR REPLACE INTO lesson_owners({columns}) VALUES(?, ?, ?, ?, ?)", row)
            audit.add(db, now_ms, person.name, "lesson.kept", f"{machine}/{lesson}", "")

    def forget(self, machine: str, lesson: str) -> None:
        """Let go of a lesson that was taken back."""
        with self._db.change() as db:
            db.execute("DELETE FROM lesson_owners WHERE machine = ? AND lesson = ?", (machine, lesson))
