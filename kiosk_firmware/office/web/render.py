"""Pages from templates: language, words, times, and the names of things, in one place.

Times of day are shown in UTC+8, where all units are. A page is rendered whole; the parts that change are templates of
their own, rendered again alone when a browser asks for them.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from kiosk_firmware.core.texts import TextForms, Words, table
from kiosk_firmware.office.alerts.alert_list import Incident, rules
from kiosk_firmware.office.database.queries import OFFSET_MS, Alert
from kiosk_firmware.office.fleet.display_names import DisplayNames
from kiosk_firmware.office.web.fact_sentences import Sentences
from kiosk_firmware.office.web.static_files import address
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

log = logging.getLogger(__name__)
LANGUAGES = ("zh", "en")
RULE_PARTS = ("cause", "effect", "first", "second", "third")
"""What stands beside each rule of alerts."""
ABOUT = {"device": "device", "stalled": "office_part"}
"""What an alert of this kind is about, as the texts call its words."""
OFFICE = {"zh": "中心", "en": "The office"}
"""Where an alert is that is of no site."""
_STEPS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))


@cache
def office_texts() -> Words:
    """Return the office's own texts, and those of visits that practice and life share."""
    own = resources.files("kiosk_firmware.office.web").joinpath("texts")
    shared = resources.files("kiosk_firmware.visit.domain")
    return Words(
        (lang, {**_table(shared, f"{lang}.toml"), **_table(own, f"{lang}.toml"), **_table(own, f"visits_{lang}.toml")})
        for lang in LANGUAGES
    )


def _table(folder: Traversable, name: str) -> dict[str, TextForms]:
    return table(tomllib.loads(folder.joinpath(name).read_text("utf-8")))


def clock(at_ms: int, seconds: bool = False) -> str:
    """Return the time of day in UTC+8; with the date where it is another day."""
    there = datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(milliseconds=OFFSET_MS)
    today = datetime.fromtimestamp(now_ms() / 1000, UTC) + timedelta(milliseconds=OFFSET_MS)
    day = "" if there.date() == today.date() else "%m-%d "
    return there.strftime(f"{day}%H:%M:%S" if seconds else f"{day}%H:%M")


def day(at_ms: int) -> str:
    """Return the date in UTC+8, as YYYY-MM-DD."""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(milliseconds=OFFSET_MS)).strftime("%Y-%m-%d")


def date_of(number: int) -> date:
    """Return the date of a day since 1970."""
    return date(1970, 1, 1) + timedelta(days=number)


def bold(text: str) -> Markup:
    """Return a text whose `**` mark what weighs, as a page shows it."""
    parts = str(escape(text)).split("**")
    return Markup("".join(f"<b>{part}</b>" if n % 2 else part for n, part in enumerate(parts)))


def _scale_duration(ms: int) -> tuple[str, int]:
    unit, size = next(((unit, size) for unit, size in _STEPS if ms >= size), _STEPS[-1])
    return unit, ms // size


class Renderer:
    """Templates with all that they may ask for."""

    def __init__(self, names: DisplayNames) -> None:
        """Take `names` of machines, lessons, sites."""
        self.names = msgspec.structs.replace(names, sites={"": OFFICE, **names.sites})
        self._env = Environment(
            loader=PackageLoader("kiosk_firmware.office.web"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.globals["static"] = address

    def page(self, template: str, language: str, **values: Any) -> str:
        """Render the template in that language."""
        return self._env.get_template(template).render(**self._helpers(language), **values)

    def incident(self, one: Incident, language: str = LANGUAGES[0]) -> str:
        """Return an alert in words, a line each: what and where, cause, effect, the first three steps."""
        say = Sentences(office_texts(), self.names, language)
        alert = Alert(one.unit, one.kind, one.about, one.opened_ms)
        lines = [f"{_alerts(say, self.names, language)(alert)} · {incident_place(self.names, one, language)}"]
        for part in RULE_PARTS:
            key = f"rule.{one.kind}.{part}"
            if (text := say.say(key)) != key:
                lines.append(f"{say.say(f'alert.{part}')} {text}")
        return "\n".join(lines)

    def _helpers(self, language: str) -> dict[str, Any]:
        say = Sentences(office_texts(), self.names, language)
        helpers: dict[str, Callable[..., Any]] = {
            "t": say.say,
            "word": say.word,
            "why": say.why,
            "sentence": say.fact,
            "alert_words": _alerts(say, self.names, language),
            "incident_place": lambda one: incident_place(self.names, one, language),
            "clock": clock,
            "day": day,
            "bold": bold,
            "date": lambda number: date_of(number).isoformat(),
            "weekday": lambda number: say.say(
                f"visit_day.{date_of(number).weekday()}", day=date_of(number).day, month=date_of(number).month
            ),
            "hour": lambda minute: f"{minute // 60:02d}:{minute % 60:02d}",
            "percent": lambda value: f"{round(value * 100)} %",
            "points": lambda value: f"{round(value * 100):+d}",
            "piece": say.piece,
            "ago": lambda at_ms: _ago(say, now_ms() - at_ms),
            "span": lambda ms: _span(say, ms),
            "thousands": lambda n: f"{n:,}".replace(",", " "),
        }
        unreadable = {"sentence": say.say("fact.unreadable")}
        safe = {name: _safe(name, helper, unreadable.get(name, say.say("none"))) for name, helper in helpers.items()}
        return {"lang": language, "names": self.names, "explained": rules(), **safe}


def _safe(name: str, helper: Callable[..., Any], otherwise: str) -> Callable[..., Any]:
    """Wrap a helper of the pages so that it never raises: one bad row of a table leaves the others to be read."""

    def safe(*args: Any, **named: Any) -> Any:
        try:
            return helper(*args, **named)
        except Exception as error:  # whatever is wrong with the value
            log.info("%s: a value cannot be shown: %r", name, error)
            return otherwise

    return safe


def incident_place(names: DisplayNames, one: Incident, language: str) -> str:
    """Return where an alert is: site and unit."""
    site = names.site(one.site, language)
    return f"{site} {one.unit}" if one.unit else site


def _span(say: Sentences, ms: int) -> str:
    unit, count = _scale_duration(ms)
    smaller = {"d": 3_600_000, "h": 60_000, "m": 1000, "s": 1}[unit]
    size = next(size for name, size in _STEPS if name == unit)
    return say.say(f"span.{unit}", n=count, rest=ms % size // smaller)


def _ago(say: Sentences, ms: int) -> str:
    if ms < 1000:
        return say.say("ago.now")
    unit, count = _scale_duration(ms)
    return say.say(f"ago.{unit}", n=count)


def _alerts(say: Sentences, names: DisplayNames, language: str) -> Callable[[Alert], str]:
    def put(alert: Alert) -> str:
        about = say.word(ABOUT[alert.kind], alert.about) if alert.kind in ABOUT else alert.about
        if alert.kind == "site":
            about = names.site(alert.about, language)
        return say.say(f"alert.{alert.kind}", about=about)

    return put
