"""The pages of coming in: nine pictures, the first touches one a page, and what suits a learner."""

from __future__ import annotations

from typing import Literal

from kiosk_firmware.core.languages import languages
from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Text, text
from kiosk_firmware.unit.lobby.phases.sign_in import (
    CODE,
    PICTURES,
    ROUNDS,
    AnyComingPhase,
    Own,
    Pictures,
    Skilled,
    Speaking,
    Suiting,
    Touching,
    Unproved,
)


def page(phase: AnyComingPhase, own: Own, language: str, skills: tuple[tuple[str, str], ...] = ()) -> Page:
    """Return the page of a phase; `language` is the one that is spoken now, `skills` what the offers say of them."""
    match phase:
        case Pictures():
            return _pictures(phase)
        case Unproved():
            return _unproved_page()
        case Touching():
            return _touch_page(phase)
        case Suiting():
            return _suit_page(own, language)
        case Skilled():
            return _skill_page(skills)
        case Speaking():
            return _language_page(language)


def _key(name: str, role: Role = "choice", icon: str = "") -> Key:
    return Key(name, role, Text(f"coming.key.{name}"), icon=icon)


def _pictures(phase: Pictures) -> Page:
    if phase.ask == "barred":
        title, how = Text("coming.barred.title"), Text("coming.barred.how")
        keys = (_key("barred.teacher", "primary"), _key("pictures.back", "back"))
        return Page("Message", "pictures-barred", title, how, Body((how,), icon="lock"), keys)
    named = f"coming.{phase.ask}"
    shown = tuple(
        Key(f"picture.{name}", "choice", Text(f"coming.picture.{name}"), name, icon=f"pick_{name}") for name in PICTURES
    )
    later = (_key("pictures.later", "back"),) if phase.ask != "check" else ()
    how = Text(f"{named}.wrong" if phase.wrong else f"{named}.how")
    body = Body((how, text("coming.picked", n=phase.picked, of=CODE)), digits=phase.picked, length=CODE)
    keys = (*shown, *later, _key("pictures.back", "back"))
    step = f"pictures-{phase.ask}"
    return Page("Tiles", step, Text(f"{named}.title"), Text(f"{named}.how"), body, keys, private=True)


def _unproved_page() -> Page:
    title, how = Text("coming.unproved.title"), Text("coming.unproved.how")
    keys = (_key("unproved.number", "primary"), _key("barred.teacher"))
    return Page("Message", "card-unproved", title, how, Body((how,), icon="card"), keys)


def _touch_page(phase: Touching) -> Page:
    """Return a page with nothing to read: a key, a hand that shows it, and an arrow for a person who can do it. The
    voice and the strip say it.
    """
    keys = (_key("touch.press", "primary"), _key("touch.skip", "back", "right"))
    title, how = Text("coming.touch.title"), Text("coming.touch.how")
    return Page("Touch", f"touch-{phase.at + 1}", title, how, Body(digits=phase.at, length=ROUNDS), keys)


def _suit_page(own: Own, language: str) -> Page:
    def row(name: str, on: bool) -> Row:
        return Row(Text(f"coming.own.{name}"), Text(f"coming.own.{'on' if on else 'off'}"), "ok" if on else "")

    rows = (
        row("steady", own.steady),
        row("hold", own.hold),
        row("voice", own.voice),
        Row(Text("coming.own.language"), text("coming.own.named", name=languages()[language].name)),
    )
    keys = (
        _key("own.steady", icon="hand"),
        _key("own.hold", icon="hand"),
        _key("own.voice", icon="ear"),
        _key("own.language", icon="language"),
        _key("own.touch", icon="help"),
        _key("own.skills", icon="tick"),
        _key("own.back", "back"),
    )
    return Page("Menu", "own", Text("coming.own.title"), Text("coming.own.say"), Body(rows=rows), keys)


def _language_page(language: str) -> Page:
    """Return the page of languages, each by its own name, as a speaker would look for it."""
    keys = tuple(
        Key(
            f"tongue.{name}",
            "choice",
            text("coming.own.named", name=one.name),
            name,
            state="on" if name == language else "",
        )
        for name, one in languages().items()
    )
    title, say = Text("coming.tongue.title"), Text("coming.tongue.say")
    return Page("Menu", "languages", title, say, keys=(*keys, _key("tongue.back", "back")))


_MARKS: dict[str, Literal["", "ok", "next"]] = {"mastered": "ok", "steady": "ok", "tried": "next"}


def _skill_page(skills: tuple[tuple[str, str], ...]) -> Page:
    rows = tuple(
        Row(Text(f"coming.skill.{name}"), Text(f"coming.stage.{stage}"), _MARKS.get(stage, ""))
        for name, stage in skills
        if stage != "new"
    )
    lines = () if rows else (Text("coming.skills.none"),)
    title, say, keys = Text("coming.skills.title"), Text("coming.skills.say"), (_key("skills.back", "back"),)
    return Page("List", "skills", title, say, Body(lines, rows), keys)
