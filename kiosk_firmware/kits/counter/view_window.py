"""The pages at the window: ID card, papers, questions, forms, signature, fee, PIN, and what is refused."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, text
from kiosk_firmware.kits.common_pages import key
from kiosk_firmware.kits.counter import errands as e
from kiosk_firmware.kits.counter import phases as p
from kiosk_firmware.kits.counter.fields import LENGTH, is_typed
from kiosk_firmware.kits.counter.state import State, Terms, step_of
from kiosk_firmware.kits.counter.view_parts import (
    BACK,
    clerk,
    clerk_words,
    form_heading,
    last_sentence,
    paper,
    timer,
    window,
)

At = p.Desk | p.PinSetting | p.PinClosing | p.Refused


def view_desk(terms: Terms, state: State, phase: At) -> Page:
    """Return the page of a phase at the window."""
    match phase:
        case p.Refused(why=why, way=False):
            keys = (key("refused.ok", "back"), key("refused.way", "primary"))
            lines = (clerk_words(terms, f"refuse.{why}.how"),)
            return clerk(terms, state, "refused", text(f"refuse.{why}.title"), lines, keys)
        case p.Refused(why=why):
            lines = (clerk_words(terms, f"way.{why}"),)
            return clerk(terms, state, "way", text("way.title"), lines, (key("refused.ok", "primary"),))
        case p.PinSetting() | p.PinClosing():
            return _pin(terms, phase)
        case p.Desk():
            return _desk(terms, state, phase, step_of(terms, state))
        case _:
            assert_never(phase)


def _desk(terms: Terms, state: State, phase: p.Desk, step: e.AnyDo) -> Page:
    match step:
        case e.Ident():
            return ident(terms, state, phase.word)
        case e.Paper():
            return _paper(terms, state, phase.word, step)
        case e.Ask(name=name, options=options):
            keys = tuple(Key(f"{name}.{one}", "choice", text(f"key.{name}.{one}"), one) for one in options)
            return clerk(
                terms,
                state,
                f"ask-{name}",
                clerk_words(terms, f"ask.{name}"),
                last_sentence(terms, state, phase.word),
                (*keys, BACK),
            )
        case e.Form(fields=fields):
            return _form(terms, state, phase, fields)
        case e.Photo():
            return _photo(terms, state, phase, step)
        case e.Sign(name=name):
            return _sign(terms, state, phase, name)
        case e.Fee(fen=fen):
            fee = state.fee_fen + terms.figure(fen)
            page = clerk(terms, state, "fee", text("fee.title"), (text("fee.how"),), (BACK, key("fee.pay", "primary")))
            return replace(page, body=replace(page.body, amount_fen=fee))
        case e.Tell(name=name, by=by):
            worked = terms.workings[by](terms.rules, state) if by else {}
            lines = (text(f"tell.{name}.how", **terms.figures(), **worked),)
            keys = (BACK, key("tell.ok", "primary"))
            return clerk(terms, state, f"tell-{name}", clerk_words(terms, f"tell.{name}.title"), lines, keys)
        case _:
            raise ValueError(f"{step} stands by itself and has no page")


def ident(terms: Terms, state: State, word: str) -> Page:
    """Return the page that asks for the ID card, on the reader, or by hand where there is none."""
    by_hand = "id_reader" in state.books.lost
    hand = (key("ident.hand", "primary"),) if by_hand else ()
    lines = last_sentence(terms, state, word) or (text("ident.by_hand" if by_hand else "ident.how"),)
    body = Body(lines, icon="ident_in", windows=window(terms, state))
    keys = (BACK, key("ident.none", "choice"), *hand)
    return Page("Insert", "ident", text("ident.title"), None, body, keys, timer(terms, "ident"), ("id_reader",))


def _paper(terms: Terms, state: State, word: str, step: e.Paper) -> Page:
    wanted = f"paper.{step.papers[0]}"
    keys = tuple(
        Key(f"paper.{one.id}", "choice", text(f"paper.{one.id}"), one.id, icon=f"paper_{one.id}")
        for one in state.bag[:6]
    )
    none = key("papers.none", "choice")
    title = text("papers.title", paper_key=wanted)
    return paper(terms, state, f"paper-{step.papers[0]}", title, last_sentence(terms, state, word), (*keys, none, BACK))


def _photo(terms: Terms, state: State, phase: p.Desk, step: e.Photo) -> Page:
    """Return the page of a drawn person before a camera that is not there; nothing is taken or kept."""
    needs = step.needs(state.records)
    missing = next((one for one in needs if one not in phase.put), "")
    icon = {"sit": "far", "": "near"}.get(missing, missing)
    lines = last_sentence(terms, state, phase.word) or (text("photo.practice"),)
    body = Body(lines, digits=len(phase.put), length=len(needs), icon=icon)
    keys = (*(key(f"photo.{one}", "choice") for one in ("sit", *step.hides)), BACK, key("photo.shoot", "primary"))
    return Page("Face", "photo", text("photo.title"), None, body, keys, timer(terms, "photo"))


# -- forms -------------------------------------------------------------------------------------------------------------


def _form(terms: Terms, state: State, phase: p.Desk, fields: tuple[e.Field, ...]) -> Page:
    if phase.field >= len(fields):
        return _whole(terms, state, fields)
    field = fields[phase.field]
    lines, rows = last_sentence(terms, state, phase.word), _filled(state, fields, field.name)
    if is_typed(field):
        return _typed(terms, state, phase, field, lines, rows)
    keys = (*_choices(terms, state, field), BACK)
    return paper(terms, state, f"form-{field.name}", text(f"form_ask.{field.name}"), lines, keys, rows)


def _filled(state: State, fields: tuple[e.Field, ...], now: str = "") -> tuple[Row, ...]:
    """Return the lines of the form: what stands there, and the one that is filled `now`."""
    found = dict(state.fields)
    return tuple(
        Row(
            text(f"key.{field.name}.field"),
            _value(field, found[field.name]) if field.name in found else None,
            "next" if field.name == now else "",
        )
        for field in fields
    )


def _choices(terms: Terms, state: State, field: e.Field) -> tuple[Key, ...]:
    if field.kind == "choice":
        texts = ((one, text(f"key.{field.name}.{one}")) for one in field.options)
        return tuple(Key(f"{field.name}.{one}", "choice", label, one) for one, label in texts)
    others = tuple(name for name in terms.errands.names if name != state.name)[:2]
    names = (*others[:1], state.name, *others[1:])
    return tuple(Key(f"{field.name}.{n}", "choice", text("plain", what=one), one) for n, one in enumerate(names))


def _typed(
    terms: Terms, state: State, phase: p.Desk, field: e.Field, lines: tuple[Text, ...], rows: tuple[Row, ...]
) -> Page:
    name = f"{field.name}.field"
    how = lines or (text(f"form_how.{field.kind}"),)
    there = window(terms, state)
    body = Body(
        how,
        rows,
        field=phase.typed,
        field_key=name,
        length=LENGTH[field.kind],
        heading=form_heading(state),
        windows=there,
    )
    sign = (Key("digit.X", "digit", Text("X"), "X"),) if field.kind == "ident" else ()
    digits = tuple(Key(f"digit.{n}", "digit", Text(n), n) for n in "1234567890")
    erase = Key("digit.erase", "digit", Text("digit.erase"), "<", icon="erase")
    pad = (*digits, *sign, erase) if sign else ()
    keys = (Key(name, "field", text(f"key.{name}"), phase.typed), *pad, BACK, key("field.ok", "primary"))
    title, private = text(f"form_ask.{field.name}"), field.kind in ("ident", "phone", "birth")
    return Page("Paper", f"form-{field.name}", title, None, body, keys, timer(terms, "form"), private=private)


def _whole(terms: Terms, state: State, fields: tuple[e.Field, ...]) -> Page:
    keys = (BACK, key("form.again", "choice"), key("form.ok", "primary"))
    page = paper(terms, state, "form-check", text("form.title"), (), keys, _filled(state, fields))
    return replace(page, private=True)


def _value(field: e.Field, value: str) -> Text:
    return text(f"key.{field.name}.{value}") if field.kind == "choice" else text("plain", what=value)


def _sign(terms: Terms, state: State, phase: p.Desk, name: str) -> Page:
    lines = last_sentence(terms, state, phase.word) or (clerk_words(terms, f"sign.{name}"),)
    line = key("sign.clear" if phase.signed else "sign.here", "choice")
    keys = (BACK, line, key("sign.ok", "primary"))
    icon = "signed" if phase.signed else "sign"
    return paper(terms, state, f"sign-{name}", text("sign.title"), lines, keys, icon=icon)


# -- PIN ---------------------------------------------------------------------------------------------------------------


def _pin(terms: Terms, phase: p.PinSetting | p.PinClosing) -> Page:
    if isinstance(phase, p.PinClosing):
        return Page("Message", "pin-closing", text("filing.title"), None, Body(icon="wait"))
    line = text(f"pin.{phase.problem}" if phase.problem else "pin.again" if phase.again else "pin.how")
    body = Body((line,), digits=phase.digits, length=6)
    step = "pin-again" if phase.again else "pin-new"
    title = text("pin.title_again" if phase.again else "pin.title")
    return Page("PinEntry", step, title, None, body, (BACK,), timer(terms, "pin"), ("pin_pad",))
