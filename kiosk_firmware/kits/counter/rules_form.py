"""A form, field by field, then the whole of it; what is wrong is said at the field, before the clerk sees it."""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, Typed
from kiosk_firmware.kits.counter import phases as p
from kiosk_firmware.kits.counter.errands import Field, Form
from kiosk_firmware.kits.counter.fields import LENGTH, is_typed, problem
from kiosk_firmware.kits.counter.state import State, Step, Terms, enter_phase


def on_form(terms: Terms, state: State, phase: p.Desk, step: Form, event: AnyEvent) -> tuple[Step, bool]:
    """Take one event at a form; return too whether it is handed in."""
    if phase.field >= len(step.fields):
        return _whole(state, step, event)
    return _field(terms, state, phase, step.fields[phase.field], event), False


def _whole(state: State, step: Form, event: AnyEvent) -> tuple[Step, bool]:
    match event:
        case Tapped(key="form.again"):
            own = {field.name for field in step.fields}
            return enter_phase(
                state, p.Desk(), fields=tuple(pair for pair in state.fields if pair[0] not in own)
            ), False
        case Tapped(key="form.ok"):
            return (state, NO_EFFECTS), True
        case _:
            return (state, NO_EFFECTS), False


def _field(terms: Terms, state: State, phase: p.Desk, field: Field, event: AnyEvent) -> Step:
    match event:
        case Typed(text=said) if is_typed(field) and said != phase.typed and len(said) <= LENGTH[field.kind]:
            return enter_phase(state, msgspec.structs.replace(phase, typed=said, word=""))
        case Tapped(key="field.ok") if is_typed(field):
            return _checked(terms, state, phase, field)
        case Tapped(key=key, value=value) if key.startswith(f"{field.name}.") and not is_typed(field):
            if field.kind == "name" and value != state.name:
                return enter_phase(state, msgspec.structs.replace(phase, word="form.not_yours"))
            return _filled(state, phase, field, value)
        case _:
            return state, NO_EFFECTS


def _checked(terms: Terms, state: State, phase: p.Desk, field: Field) -> Step:
    bounds = tuple(
        terms.figure(name) if name else otherwise
        for name, otherwise in (
            (field.least, 0),
            (field.most, 10**12),
        )
    )
    word = problem(field, phase.typed, state.owner, (bounds[0], bounds[1]))
    if word:
        return enter_phase(state, msgspec.structs.replace(phase, word=f"form.{word}"))
    return _filled(state, phase, field, phase.typed)


def _filled(state: State, phase: p.Desk, field: Field, value: str) -> Step:
    fields = tuple(sorted({**dict(state.fields), field.name: value}.items()))
    return enter_phase(state, p.Desk(field=phase.field + 1), fields=fields)
