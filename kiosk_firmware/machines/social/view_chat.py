"""The messenger's pages of a talk: what the friend says and what one said, in bubbles."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, Timer, text
from kiosk_firmware.kits.common_pages import key, message
from kiosk_firmware.kits.phone import shell_pages
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.state import State, Terms

MORE = (
    ("voice", "voice"),
    ("picture", "camera"),
    ("money", "packet_line"),
    ("call", "call"),
    ("guard", "report"),
)
SIGNS = {"dish": "photo_dish", "hill": "photo_hill", "ident": "id_card"}


def talk_page(terms: Terms, state: State, phase: p.Phase, stands: Timer) -> Page:
    """Return the page of one of these phases."""
    back = shell_pages.nav(state.shell)
    match phase:
        case p.Chats():
            return _chats(state, stands)
        case p.Chat():
            return _chat(terms, state, phase, stands)
        case p.More():
            keys = tuple(Key(f"more.{one}", "choice", Text(f"key.more.{one}"), one, icon=icon) for one, icon in MORE)
            body = Body((text("more.how"),))
            return Page("Menu", "more", text("more.title"), None, body, (*keys, *back), stands)
        case p.Typing():
            return _typing(phase, back, stands)
        case p.Voice(on=on):
            return _voice(on, back, stands)
        case p.Pictures():
            return _pictures(terms, back, stands)
        case p.Call(friend=friend, waved=waved):
            lines = (text("call.waved" if waved else "call.how"), text("call.practice"))
            keys = (key("call.wave", "choice"), key("call.end", "danger"))
            return message("call", f"person.{friend}", lines, keys, stands, icon=f"avatar_{friend}")
        case p.Guard(friend=friend):
            keys = (key("guard.report", "choice", friend), key("guard.block", "danger", friend), *back)
            return message("guard", "guard.title", (text("guard.how"),), keys, stands, icon="report")
        case _:
            raise TypeError(f"{phase} is no page of these")


def _typing(phase: p.Typing, back: tuple[Key, ...], stands: Timer) -> Page:
    lines = (text("typing.none" if phase.problem else "typing.how"),)
    body = Body(lines, field=phase.typed, field_key="message.field", board="pinyin", length=20)
    keys = (key("type.send", "primary"), *back)
    return Page("Form", "typing", text("typing.title"), None, body, keys, stands, private=True)


def _voice(on: bool, back: tuple[Key, ...], stands: Timer) -> Page:
    doings = (key("voice.send", "primary"), key("voice.away", "choice")) if on else (key("voice.begin", "primary"),)
    lines = (text("voice.on" if on else "voice.how"), text("voice.practice"))
    return message("voice-on" if on else "voice", "voice.title", lines, (*doings, *back), stands, icon="voice")


def _pictures(terms: Terms, back: tuple[Key, ...], stands: Timer) -> Page:
    keys = tuple(
        Key(f"picture.{at}", "choice", text(f"picture.{one}"), one, icon=SIGNS[one])
        for at, one in enumerate(terms.rules.pictures)
    )
    body = Body((text("pictures.how"),))
    return Page("Menu", "pictures", text("pictures.title"), None, body, (*keys, *back), stands)


def _chats(state: State, stands: Timer) -> Page:
    keys = tuple(
        Key(f"with.{at}", "choice", text(f"person.{friend}"), friend, sub=_new(state, friend), icon=f"avatar_{friend}")
        for at, friend in enumerate(state.friends)
    )
    body = Body((text("chats.how" if keys else "chats.none"),))
    return Page("List", "chats", text("chats.title"), None, body, (*keys, *shell_pages.nav(state.shell)), stands)


def _new(state: State, friend: str) -> Text | None:
    return text("chats.gift") if any(gift.giver == friend for gift in state.gifts) else None


def _chat(terms: Terms, state: State, phase: p.Chat, stands: Timer) -> Page:
    friend = phase.friend
    said = text(f"reply.{phase.what or phase.how}" if phase.how else f"greeting.{friend}")
    gifts = tuple(
        Key(f"gift.{gift.kind}", "primary", text(f"key.gift.{gift.kind}"), str(gift.id), icon="packet")
        for gift in state.gifts
        if gift.giver == friend
    )
    mine = _mine(phase)
    rows = (Row(text("chat.today")), *((Row(text("row.me"), mine),) if mine else ()))
    words = tuple(Key(f"say.{at}", "choice", text(f"word.{one}"), one) for at, one in enumerate(terms.rules.words))
    keys = (*gifts, *words, key("chat.type", "choice"), key("chat.more", "choice"), *shell_pages.nav(state.shell))
    body = Body(
        (said,), rows, icon="sound_wave" if phase.how == "voice" else SIGNS.get(phase.what, ""), face=f"avatar_{friend}"
    )
    return Page("Chat", "chat", text(f"person.{friend}"), None, body, keys, stands)


def _mine(phase: p.Chat) -> Text | None:
    """Return what one said, as the phone shows it; one's own words are not kept."""
    match phase.how:
        case "":
            return None
        case "quick":
            return text(f"word.{phase.what}")
        case "picture":
            return text(f"picture.{phase.what}")
        case how:
            return text(f"mine.{how}")
