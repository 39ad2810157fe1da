"""`kiosk erase-learner LEARNER --site ID --why REASON`: the office forgets a learner, and tells the site's units to.

LEARNER is the number (`l-104233`; then `--site-key` names the site's key) or the pseudonym. It is written down in the
audit, with the pseudonym alone, before it is done; the office may be running. Each unit forgets between two runs once
it hears of it, and says so; one that is away for longer than a month must be told again.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.visit.office.policy import VisitPolicy
from kiosk_firmware.visit.office.service import VisitService
from kiosk_firmware.visit.office.visits_db import VISITS


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head. Returns 0.

    Raises:
        ValueError: no number and no pseudonym, or no key; says what is allowed.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="Forget a learner, here and on the units.")
    parser.add_argument("learner", help="l-104233 (with --site-key), or the 16 hex digits of the pseudonym")
    parser.add_argument("--site", required=True, metavar="ID")
    parser.add_argument("--why", required=True, help="who asked for it, and on what ground")
    parser.add_argument("--who", default="kiosk erase-learner", help="who does it, for the audit")
    parser.add_argument("--site-key", type=Path, metavar="FILE", help="the site's own key, as its units have it")
    parser.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="the office's folder")
    parser.add_argument("--database", metavar="URL", help="postgresql://… (default: office.db in the folder)")
    chosen = parser.parse_args(arguments)
    learner = pseudonym(chosen.learner, chosen.site_key)
    people = AccountService(chosen.state)
    people.note(chosen.who, "learner.erased", f"{chosen.site}/{learner}", chosen.why)
    with people.db.change() as db:
        db.execute("DELETE FROM parked WHERE site = ? AND learner = ?", (chosen.site, learner))
    people.close()
    if (chosen.state / VISITS).exists():
        with closing(VisitService(chosen.state, VisitPolicy())) as visits:
            visits.forget(chosen.site, learner)
    with closing(FactStore(chosen.database or chosen.state / "office.db")) as store:
        answers = store.erasing.erase(chosen.site, learner, utc_ms())
    print(f"{learner} is forgotten here; {len(answers)} units of {chosen.site} are to forget them")
    return 0


def pseudonym(learner: str, key: Path | None) -> str:
    """Return the pseudonym of a learner, given as number or pseudonym. Raises ValueError: see `main`."""
    if re.fullmatch(r"l-\d{6}", learner):
        if key is None or not key.exists():
            raise ValueError(f"{learner}: a number needs --site-key FILE, the site's key")
        return hmac.digest(key.read_bytes().strip(), learner.encode(), hashlib.sha256).hex()[:16]
    if re.fullmatch(r"[0-9a-f]{16}", learner):
        return learner
    raise ValueError(f"learner {learner!r}: allowed are l-123456 and 16 hex digits")
