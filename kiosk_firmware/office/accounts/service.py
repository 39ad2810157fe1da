"""The people's room: accounts, door and audit over one database, as the pages hold them."""

from __future__ import annotations

from pathlib import Path

from kiosk_firmware.office.accounts.accounts import Accounts
from kiosk_firmware.office.accounts.api_tokens import ApiTokens
from kiosk_firmware.office.accounts.audit import Audit
from kiosk_firmware.office.accounts.login_sessions import LoginSessions
from kiosk_firmware.office.accounts.people_db import PEOPLE, PeopleDb
from kiosk_firmware.office.accounts.two_person_approval import Proposals
from kiosk_firmware.system.utc_clock import utc_ms


class AccountService:
    """All of it, from the folder in which `people.db` lies."""

    def __init__(self, folder: Path, ticket: str = "") -> None:
        """Open the database in `folder`; `ticket`: of a demo, see `Accounts.ticket`."""
        self.db = PeopleDb(folder / PEOPLE)
        self.accounts = Accounts(self.db, utc_ms)
        self.accounts.ticket = ticket
        self.door = LoginSessions(self.db, self.accounts, utc_ms)
        self.tokens = ApiTokens(self.db, utc_ms)
        self.audit = Audit(self.db)
        self.proposals = Proposals(self.db, utc_ms)

    def note(self, who: str, act: str, about: str = "", reason: str = "") -> None:
        """Write down what somebody does, before it is done."""
        self.audit.note(utc_ms(), who, act, about, reason)

    def close(self) -> None:
        """Close the database; twice is fine."""
        self.db.close()
