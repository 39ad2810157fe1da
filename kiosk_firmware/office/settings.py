"""`office.toml`: what a person tells the office of its sites, and where alerts go.

    [sites.jia]
    name = { zh = "甲监", en = "Site A" }
    hours = ["mon-fri 08:30-11:30", "mon-fri 14:00-17:00"]   # when units are awake, UTC+8; without any: always
    units = ["jia-atm-01"]                                    # those that are expected; what never came is shown

    [operator]                                                # on the units' labels
    name = "示例省监狱管理局 技术中心"
    address = "示例路 1 号"
    phone = "010-0000 0000"

    [retention]
    raw_days = 180                                            # single facts of learners; then sums only; 0: for ever

    [visits]                                                  # real visits by video: see visits/policy.py
    keep_days = 90

    [mail]
    host = "127.0.0.1"
    port = 25
    sender = "kiosk@example.org"
    to = ["duty@example.org"]

    [[webhook]]
    url = "https://example.org/hook"
    secret_file = "/etc/kiosk/hook.key"                       # signs the body: X-Kiosk-Signature, HMAC-SHA256

Everything is optional. Errors name file, key, value, and what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from kiosk_firmware.core import toml_files
from kiosk_firmware.core.validation import explain_error
from kiosk_firmware.visit.office.policy import VisitPolicy
from kiosk_firmware.wire.topics import ID

SETTINGS = "office.toml"
OFFSET = timedelta(hours=8)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")


Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site: its name by language, its hours, the units that are expected there."""

    name: dict[str, str] = {}
    hours: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An SMTP server near by, and who is told; nobody without `to`."""

    host: str = "127.0.0.1"
    port: Port = 25
    sender: str = "kiosk@localhost"
    to: tuple[str, ...] = ()


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address to which alerts are posted as JSON; signed where there is a secret."""

    url: str
    secret_file: str = ""


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days that single facts of learners are kept, 0: for ever. The audit of the office never goes."""

    raw_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 0


class Operator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operator of the units, as the labels on them say: a name, an address, a telephone number."""

    name: str = ""
    address: str = ""
    phone: str = ""

    def lines(self) -> tuple[str, ...]:
        """Return what was said, a line each."""
        return tuple(line for line in (self.name, self.address, self.phone) if line)


class OfficeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    sites: dict[str, Site] = {}
    operator: Operator = Operator()
    mail: Mail = Mail()
    retention: Retention = Retention()
    visits: VisitPolicy = VisitPolicy()
    webhook: tuple[Webhook, ...] = ()


class Span(msgspec.Struct, frozen=True):
    """Hours of some days: days 0 (Monday) to 6, minutes of the day."""

    days: frozenset[int]
    first: int
    last: int


def read_settings(path: Path) -> OfficeSettings:
    """Read the file; return defaults where there is none.

    Raises:
        ValueError: it says something that is not allowed; names file and key.
    """
    if not path.exists():
        return OfficeSettings()
    tables = toml_files.read_written_toml(path)
    try:
        found = msgspec.convert(tables, OfficeSettings)
    except msgspec.ValidationError as error:
        raise ValueError(f"{path}: {explain_error(tables, str(error), OfficeSettings)}") from error
    if wrong := list(_problems(found)):
        raise ValueError("\n".join(f"{path}: {one}" for one in wrong))
    return found


def _problems(found: OfficeSettings) -> Iterator[str]:
    """Yield what types cannot say. A name that no unit can have would stand there as "never seen" for ever."""
    for site, told in found.sites.items():
        for key, name in ((f"sites.{site}", site), *((f"sites.{site}.units", unit) for unit in told.units)):
            if not ID.fullmatch(name):
                yield f"{key} = {name!r}: allowed are 3 to 32 of a-z, 0-9 and -"
        for hours in told.hours:
            try:
                span(hours)
            except ValueError as error:
                yield f"sites.{site}.hours = {error}"


def span(text: str) -> Span:
    """Parse `mon-fri 08:30-11:30`.

    Raises:
        ValueError: it is not of that form.
    """
    found = _SPAN.fullmatch(text)
    if found is None or not {found[1], found[2] or found[1]} <= set(DAYS):
        raise ValueError(f"{text!r}: allowed is as in 'mon-fri 08:30-11:30'")
    first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
    days = frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
    minutes = int(found[3]) * 60 + int(found[4]), int(found[5]) * 60 + int(found[6])
    if not minutes[0] < minutes[1] <= 24 * 60:
        raise ValueError(f"{text!r}: allowed is an end after the beginning; past midnight write two of them")
    return Span(days, *minutes)


def is_awake(site: Site | None, at_ms: int) -> bool:
    """Return whether units of the site are to be on at that instant; always where nothing was said."""
    if site is None or not site.hours:
        return True
    there = datetime.fromtimestamp(at_ms / 1000, UTC) + OFFSET
    minute = there.hour * 60 + there.minute
    return any(there.weekday() in one.days and one.first <= minute < one.last for one in map(span, site.hours))
