"""A place as one machine: parts that open one another for a request and close with a result, as frames of a stack.

The part that a run begins with lies at the bottom. When it says `OpenPart(part, request)`, the place puts that part on
top, started with the request and with what is in the pocket now; all events go to the top one. When its `result` is
there, it is taken off, and the one below hears `Returned` with that result and the pocket. Both happen within the very
step that caused them (`Play.step` calls `route`), so a place has no events, journal or resume of its own: replaying
what the learner did opens and closes the same parts again, and a run that was cut in the middle stands where it stood.
The parts never import each other; their texts and steps are told apart by the part's name (`named`).

A part can be opened only while nothing of the person lies in the cabinet; else, or where there is no such part, the
asker hears "unavailable" at once. So money and cards in the cabinet are always the business of one part alone.

In a machine's own walk there is no place: `OpenPart` stays open there, and its world says how it may be answered
(`returns`), as it does for a person who pays with a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from kiosk_firmware.core.effects import AnyEffect, Effects, OpenPart
from kiosk_firmware.core.events import AnyEvent, CabinetFound, Fault, Lent, Returned, Started, Tapped, Typed
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.linked_machine_requests import LinkedMachineResult
from kiosk_firmware.core.machine import Machine, Open, Values, World
from kiosk_firmware.core.pages import Page, Text
from kiosk_firmware.core.texts import TextForms, Words

Pair = tuple[Machine[Any], World[Any]]
DEEPEST = 4
"""Parts that may lie on each other."""
UNAVAILABLE = LinkedMachineResult("unavailable")


class Frame(msgspec.Struct, frozen=True, cache_hash=True):
    """A part's state. `name`: "" for the part that the run began with; `ask`: what the one below waits for; `said`: the
    result that came back in the last step.
    """

    name: str
    state: Any
    now: int
    below: Frame | None = None
    ask: OpenPart | None = None
    said: Returned | None = None

    @property
    def language(self) -> str:
        """The run's language, as the part that stands shows it."""
        return str(getattr(self.state, "language", "zh"))


class Layer(msgspec.Struct, frozen=True, cache_hash=True):
    """A part's world, and the one below."""

    name: str
    world: Any
    below: Layer | None = None


def step_of(name: str, step: str) -> str:
    """Return what a part's step is called in the whole place."""
    return f"{name}-{step}" if name else step


def with_place_texts(value: Any, name: str) -> Any:
    """Return page, text or any part of one, its texts' keys as the place's words have them."""
    if isinstance(value, Text):
        args = tuple((key, f"{name}/{arg}" if key.endswith("_key") else arg) for key, arg in value.args)
        return Text(f"{name}/{value.key}", args)
    if isinstance(value, tuple):
        return tuple(with_place_texts(one, name) for one in value)
    if isinstance(value, msgspec.Struct):
        fields = {field: with_place_texts(getattr(value, field), name) for field in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    return value


def words_of(name: str, words: Words, languages: Iterable[str]) -> list[tuple[str, dict[str, TextForms]]]:
    """Return a part's texts as the machine that opens it has them, by language, and the names of its steps."""
    found = []
    for language in languages:
        own = {key: words.entry(key, language) for key in words.keys(language)}
        steps = {f"step.{step_of(name, key[5:])}": text for key, text in own.items() if key.startswith("step.")}
        found.append((language, {f"{name}/{key}": text for key, text in own.items()} | steps))
    return found


def returns(open_: Open, verdicts: Iterable[str] = ("done", "refused")) -> tuple[AnyEvent, ...]:
    """Return the ways in which a part that a machine opened in its own walk may close."""
    asked = next((effect for effect, _ in open_ if isinstance(effect, OpenPart)), None)
    if asked is None:
        return ()
    paid = asked.request.fen
    return tuple(
        Returned(asked.at, asked.ref, LinkedMachineResult(one, paid if one == "done" else 0)) for one in verdicts
    )


class MachineGroup(Machine[Frame]):
    """The machine that a run began with, and the parts it may open. `parts` finds one by name, None where there is
    none.
    """

    def __init__(self, first: Pair, parts: Callable[[str], Pair | None]) -> None:
        """Set up with no part open yet."""
        self.id = first[0].id
        self.FACTS = first[0].FACTS  # type: ignore[misc]
        self.SCENES = first[0].SCENES  # type: ignore[misc]
        self._first, self._parts = first, parts

    def pair(self, name: str) -> Pair:
        """Return the part of a frame or layer."""
        found = self._parts(name) if name else self._first
        assert found is not None, "only what was found is ever opened"
        return found

    def start(self, started: Started) -> Frame:
        """Start the first part alone."""
        return Frame("", self._first[0].start(started), started.now)

    def update(self, frame: Frame, event: AnyEvent) -> tuple[Frame, Effects]:
        """Pass an event to the top part; push or pop a frame where it opens or ends one."""
        if frame.name and isinstance(event, Tapped | Typed):
            event = msgspec.structs.replace(event, step=event.step.removeprefix(f"{frame.name}-"))
        state, effects = self.pair(frame.name)[0].update(frame.state, event)
        if state is frame.state:
            return frame, effects
        return msgspec.structs.replace(frame, state=state, said=None), effects

    def route(self, frame: Frame, layer: Layer, effects: Effects) -> tuple[Frame, Layer, Effects]:
        """Open what was asked for, take off what has closed, until neither is left."""
        for _ in range(2 * DEEPEST):
            asked = next((effect for effect in effects if isinstance(effect, OpenPart)), None)
            if asked is not None:
                effects = tuple(effect for effect in effects if effect is not asked)
                frame, layer, more = self._opened(frame, layer, asked)
            elif frame.below is not None and (result := self.pair(frame.name)[0].result(frame.state)) is not None:
                frame, layer, more = self._closed(frame, layer, result)
            else:
                break
            effects += more
        return frame, layer, effects

    def _opened(self, frame: Frame, layer: Layer, asked: OpenPart) -> tuple[Frame, Layer, Effects]:
        world = self.pair(layer.name)[1]
        part = self._parts(asked.part)
        if part is None or _deep(frame) >= DEEPEST or not world.at_rest(layer.world):
            return self._told(frame, layer, Returned(asked.at, asked.ref, UNAVAILABLE))
        machine, its_world = part
        persona = world.persona(layer.world)
        opening = Started(frame.now, persona, None, frame.language, request=asked.request)
        state, standing = machine.start(opening), its_world.start(opening)
        found = its_world.found(standing)
        state, effects = machine.update(state, found)
        top = Frame(asked.part, state, frame.now, frame, asked)
        return top, Layer(asked.part, its_world.heard(standing, found), layer), effects

    def _closed(self, frame: Frame, layer: Layer, result: LinkedMachineResult) -> tuple[Frame, Layer, Effects]:
        assert frame.below is not None, "only a part that was opened closes"
        assert layer.below is not None
        assert frame.ask is not None
        persona = self.pair(layer.name)[1].persona(layer.world)
        event = Returned(frame.ask.at, frame.ask.ref, result, persona)
        below = msgspec.structs.replace(frame.below, state=_with_language(frame.below.state, frame.language))
        return self._told(below, layer.below, event)

    def _told(self, frame: Frame, layer: Layer, event: Returned) -> tuple[Frame, Layer, Effects]:
        machine, world = self.pair(frame.name)
        state, effects = machine.update(frame.state, event)
        heard = msgspec.structs.replace(layer, world=world.heard(layer.world, event))
        return msgspec.structs.replace(frame, state=state, said=event), heard, effects

    def view(self, frame: Frame) -> Page:
        """Return the top part's page, its texts and its step under the part's name."""
        page = self.pair(frame.name)[0].view(frame.state)
        if not frame.name:
            return page
        shown: Page = with_place_texts(page, frame.name)
        return msgspec.structs.replace(shown, step=step_of(frame.name, page.step))

    def facts(self, frame: Frame, layer: Layer) -> Facts:
        """Return the facts of the part that the run began with."""
        while frame.below is not None and layer.below is not None:
            frame, layer = frame.below, layer.below
        return self._first[0].facts(frame.state, layer.world)

    def marks(self, before: Frame, event: AnyEvent, after: Frame) -> Facts:
        """Return the marks of the part that the run began with: what it did, and what came back to it."""
        if after.name:
            return {} if before.name else self._first[0].marks(before.state, event, _root(after).state)
        came = after.said is not before.said and after.said
        return self._first[0].marks(_root(before).state, came or event, after.state)

    def essence(self, frame: Frame) -> Frame:
        """Return the frame with each part's own essence."""
        state = self.pair(frame.name)[0].essence(frame.state)
        below = self.essence(frame.below) if frame.below else None
        if state is frame.state and below is frame.below:
            return frame
        return msgspec.structs.replace(frame, state=state, below=below)


class PlaceWorld(World[Layer]):
    """The worlds of a place, as a stack beside the parts'. The top one answers and acts."""

    def __init__(self, place: MachineGroup) -> None:
        """Take `place`, which knows the parts."""
        self._place = place

    def _of(self, layer: Layer) -> World[Any]:
        return self._place.pair(layer.name)[1]

    def start(self, started: Started) -> Layer:
        """Start the first part's world alone."""
        return Layer("", self._place.pair("")[1].start(started))

    def heard(self, layer: Layer, event: AnyEvent) -> Layer:
        """Pass an event to the top part's world."""
        world = self._of(layer).heard(layer.world, event)
        return layer if world is layer.world else msgspec.structs.replace(layer, world=world)

    def answer(self, layer: Layer, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the answer of the top part's world."""
        return self._of(layer).answer(layer.world, effect, canceled)

    def acts(self, layer: Layer, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return what the person can do on the top part."""
        return self._of(layer).acts(layer.world, page, open_, values)

    def faults(self, layer: Layer, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """Return where it may strike the top part."""
        return self._of(layer).faults(layer.world, armed, open_)

    def lent(self, layer: Layer) -> Lent:
        """Return what the top part's world lends: a part that is opened later lends nothing more."""
        return self._of(layer).lent(layer.world)

    def found(self, layer: Layer) -> CabinetFound:
        """Return what the top part's world finds: the others left nothing in the cabinet."""
        return self._of(layer).found(layer.world)

    def at_rest(self, layer: Layer) -> bool:
        """Return whether nothing of the person is inside."""
        return self._of(layer).at_rest(layer.world)

    def essence(self, layer: Layer) -> Layer:
        """Return the layer with each part's own essence."""
        world = self._of(layer).essence(layer.world)
        below = self.essence(layer.below) if layer.below else None
        if world is layer.world and below is layer.below:
            return layer
        return msgspec.structs.replace(layer, world=world, below=below)

    def breaches(self, layer: Layer, at_rest: bool) -> tuple[str, ...]:
        """Return broken promises of any part."""
        found = self._of(layer).breaches(layer.world, at_rest)
        return (*found, *self.breaches(layer.below, False)) if layer.below else found

    def persona(self, layer: Layer) -> Any:
        """Return what outlives the run: the top part knows it best, since the others wait."""
        return self._of(layer).persona(layer.world)


def join_machines(first: Pair, parts: Callable[[str], Pair | None]) -> Pair:
    """Make a place that begins with `first`, and its world."""
    place = MachineGroup(first, parts)
    return place, PlaceWorld(place)


def _deep(frame: Frame) -> int:
    return 1 + (_deep(frame.below) if frame.below else 0)


def _root(frame: Frame) -> Frame:
    return _root(frame.below) if frame.below else frame


def _with_language(state: Any, language: str) -> Any:
    """Return the state in the language that was chosen on the way."""
    known = getattr(state, "language", None)
    return state if known in (None, language) else msgspec.structs.replace(state, language=language)
