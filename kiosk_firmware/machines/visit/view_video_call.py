"""The pages of the visit itself: undertaking, camera and sound, waiting room, conversation, and how it ended."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.pages import Body, Key, Page, Row, Timer, text
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.conversation import MOMENTS, WARNED_OF
from kiosk_firmware.machines.visit.documents import day_text
from kiosk_firmware.machines.visit.rules_video_call import PLEDGES
from kiosk_firmware.machines.visit.state import State, Terms, case_of

MeetPage = p.Pledge | p.Camera | p.Sound | p.Connecting | p.Talk | p.Spoken | p.Closing | p.Over


def view_meet(terms: Terms, state: State, phase: MeetPage) -> Page:
    """Return the page of a phase of the visit."""
    match phase:
        case p.Pledge(at=at):
            return _pledge(terms, at)
        case p.Camera(bad=bad):
            return _check(terms, "camera", bad)
        case p.Sound(bad=bad):
            return _check(terms, "sound", bad)
        case p.Connecting():
            return message("connecting", "connecting.title", (text("connecting.how"),), (), None, icon="wait_answer")
        case p.Talk(at=at):
            return _talk(terms, at)
        case p.Spoken():
            return _spoken(terms, phase)
        case p.Closing():
            return message("closing", "closing.title", (text("wait.how"),), (), None, icon="wait_answer")
        case p.Over(breach=breach):
            return _over(terms, state, breach)
        case _:
            assert_never(phase)


def _pledge(terms: Terms, at: int) -> Page:
    last = at + 1 == PLEDGES
    keys = (key("pledge.no", "back"), key("pledge.sign" if last else "pledge.next", "primary"))
    months = [count for _, count in terms.rules.suspend_months]
    lines = (text(f"visit_pledge.{at + 1}", least=min(months), most=max(months)),)
    title, time_out = text("pledge.title", at=at + 1, of=PLEDGES), Timer("pledge", terms.rules.page_ms)
    return Page("Message", f"pledge-{at + 1}", title, None, Body(lines, icon="statement"), keys, time_out)


def _check(terms: Terms, what: str, bad: bool) -> Page:
    """Return the page of a camera that shows only oneself, or a sound that is played; where it fails, what helps."""
    time_out, how = Timer(what, terms.rules.page_ms), (text(f"{what}.{'help' if bad else 'how'}"),)
    keys = (key("check.again", "primary"),) if bad else (key("check.no", "choice"), key("check.yes", "primary"))
    picture = {"camera": "dark" if bad else "self", "sound": "ear"}[what]
    if what == "camera":
        return Page(
            "Video",
            f"{what}-help" if bad else what,
            text("camera.title"),
            None,
            Body(how, icon=picture),
            keys,
            time_out,
        )
    return message(f"{what}-help" if bad else what, "sound.title", how, keys, time_out, icon=picture)


def _talk(terms: Terms, at: int) -> Page:
    moment = MOMENTS[at]
    said = tuple(Key(f"say.{name}", "choice", text(f"key.say.{name}"), name) for name, _ in moment.answers)
    body = Body((text(f"talk.{moment.id}"),), icon=moment.picture, digits=moment.left, length=terms.rules.minutes)
    title = text(f"talk_title.{moment.id}")
    keys, time_out = (*said, key("talk.end", "back")), Timer("talk", terms.rules.page_ms)
    return Page("Video", f"talk-{moment.id}", title, None, body, keys, time_out, private=True)


def _spoken(terms: Terms, phase: p.Spoken) -> Page:
    warns = phase.what in WARNED_OF
    time_out, ok = Timer("spoken", terms.rules.page_ms), (key("spoken.ok", "primary"),)
    lines = (text(f"spoken.{phase.what}"),)
    step = "warned" if warns else "calmer"
    return message(step, f"{step}.title", lines, ok, time_out, icon="warn" if warns else "help")


def _over(terms: Terms, state: State, breach: str) -> Page:
    case = case_of(state)
    rows = (Row(text("row.next"), day_text(case.next_day), "next"),) if case.next_day else ()
    lines = (text(f"visit_reason.{breach}"),) if breach else (text("over.how"),)
    ok, time_out = (key("over.ok", "primary"),), Timer("over", terms.rules.page_ms)
    title, icon = ("over.stopped", "bad") if breach else ("over.ended", "ok")
    return message("over", title, lines, ok, time_out, icon=icon, rows=rows)
