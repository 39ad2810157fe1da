"""The lobby's pages. What stands before everything else: things to take, things stuck, a unit that can offer
nothing.
"""

from __future__ import annotations

from typing import Literal, assert_never

import msgspec

from kiosk_firmware.core.languages import writes
from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Text, text
from kiosk_firmware.unit.lobby.debrief import debrief
from kiosk_firmware.unit.lobby.phases.lobby import (
    DIGITS,
    GUEST,
    Attract,
    Before,
    Debriefing,
    Home,
    InPlace,
    Lessons,
    Lobby,
    Looking,
    Meeting,
    Route,
    Running,
    SelfTest,
    SignIn,
    Signing,
    SigningOut,
)
from kiosk_firmware.unit.lobby.phases.practice_offers import Owned
from kiosk_firmware.unit.lobby.phases.sign_in import Pictures, Skilled, Speaking, Suiting, Touching, Unproved
from kiosk_firmware.unit.lobby.phases.supervisor import Desk, Door
from kiosk_firmware.unit.lobby.phases.technician import Technician
from kiosk_firmware.unit.lobby.phases.visit import Calling, Camera, Carding, Greeted, Parted, Pledging, Sound
from kiosk_firmware.unit.lobby.sign_in import view as coming
from kiosk_firmware.unit.lobby.supervisor import view as staff
from kiosk_firmware.unit.lobby.technician import view as technician
from kiosk_firmware.unit.lobby.visit import view as visiting

A_PAGE = 5
"""Lessons on one page of the list, beside free practice."""
WORDS = 6
"""Words on one page."""


def view(lobby: Lobby) -> Page:
    """Return the page of a state. Over a visit that goes on only a card is laid that has to be taken, or it would be
    kept.
    """
    if isinstance(lobby.phase, Calling):
        takes = lobby.holding.slots and not lobby.holding.stuck
        return _take(lobby.holding.slots) if takes else _phase_page(lobby)
    return _before_all(lobby) or _phase_page(lobby)


def _before_all(lobby: Lobby) -> Page | None:
    """Return what stands before whatever the lobby is at; None where nothing does."""
    if isinstance(lobby.phase, Desk | Door | Technician) and (lobby.holding.stuck or not lobby.holding.slots):
        return _staff(lobby, lobby.phase)
    if lobby.holding.stuck:
        return _stuck_page(lobby.holding.stuck)
    if lobby.holding.slots:
        return _take(lobby.holding.slots)
    if lobby.stopped:
        return _frozen_page(lobby)
    if lobby.staffing.shut:
        return staff.out_of_service_page(lobby.staffing.shut)
    if lobby.missing and not isinstance(lobby.phase, SelfTest):
        return _closed_page(lobby.missing)
    return None


def _phase_page(lobby: Lobby) -> Page:
    match lobby.phase:
        case Attract():
            return _opening_page(lobby) if lobby.place in dict(lobby.offers.places) else _attract(lobby)
        case SignIn() as phase:
            return _sign_in(lobby, phase)
        case Pictures() | Unproved() | Touching() | Suiting() | Skilled() | Speaking() as phase:
            return coming.page(phase, lobby.own, lobby.language, lobby.offers.skills)
        case Greeted() | Carding() | Pledging() | Camera() | Sound() | Calling() | Parted() as phase:
            return visiting.page(phase, lobby.visiting, _readers(lobby))
        case Home():
            return _home(lobby)
        case SigningOut():
            return _signing_out(lobby)
        case InPlace() as phase:
            return _in_place(lobby, phase)
        case Lessons() as phase:
            return _lessons(lobby, phase)
        case Meeting() as phase:
            return _words(lobby, phase)
        case Before() as phase:
            return _task(lobby, phase)
        case Running():
            return Page("Message", "running", Text("lobby.running"))
        case Debriefing(ending=ending):
            return debrief(ending, lobby.offers.next)
        case Signing() as phase:
            return _signing_page(lobby, phase)
        case Looking(moment=moment):
            return msgspec.structs.replace(moment.page, step="moment", timer=None)
        case SelfTest() as phase:
            return _self_test(phase)
        case Door() | Desk() | Technician() as phase:
            return _staff(lobby, phase)
        case _:
            assert_never(lobby.phase)


def _staff(lobby: Lobby, phase: Door | Desk | Technician) -> Page:
    if isinstance(phase, Technician):
        return technician.page(phase)
    return staff.desk(phase, lobby.staffing) if isinstance(phase, Desk) else staff.door(phase)


def _key(name: str, role: Role = "choice", value: str = "", icon: str = "", progress: int = -1) -> Key:
    return Key(name, role, Text(f"lobby.key.{name}"), value, icon=icon, progress=progress)


def _attract(lobby: Lobby) -> Page:
    last = "lobby.attract.full" if lobby.full else "lobby.attract.practice"
    visit = visiting.announcement(lobby.visiting.visit)
    lines = (visit, Text("lobby.attract.how")) if visit else (Text("lobby.attract.how"), Text(last))
    keys = (
        _key("attract.language", icon="language"),
        _key("attract.start", "primary", icon="hand"),
    )
    icon = lobby.offers.tiles[0].icon if len(lobby.offers.tiles) == 1 else "hand"
    title, say = Text("visiting.today.title" if visit else "lobby.attract.title"), visit or Text("lobby.attract.say")
    return Page("Message", "attract", title, say, Body(lines, icon=icon), keys, at=_readers(lobby))


def _opening_page(lobby: Lobby) -> Page:
    """Return the place's own page, on which a unit that is built as a place stands: a learner goes to one of its
    machines.
    """
    parts = tuple(_tile(tile.machine, tile.icon, -1) for tile in lobby.offers.parts(lobby.place))
    keys = (*parts, _key("attract.language", icon="language"), _key("attract.start", icon="person"))
    say = Text("lobby.place.say")
    return Page("Home", "attract", Text(f"tile.{lobby.place}"), say, Body((say,)), keys, at=_readers(lobby))


def _readers(lobby: Lobby) -> tuple[str, ...]:
    """Return where a learner's card can be held."""
    return tuple(at for at in ("card_reader", "id_reader") if at in lobby.staffing.devices)


def _sign_in(lobby: Lobby, phase: SignIn) -> Page:
    digits = tuple(Key(f"digit.{n}", "digit", Text(str(n)), str(n)) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0))
    erase = Key("digit.erase", "digit", Text("lobby.key.digit.erase"), "<", icon="erase")
    keys = (
        *digits,
        erase,
        _key("sign.ok", "primary"),
        _key("sign.guest", icon="person"),
        _key("sign.back", "back"),
    )
    readers = () if phase.cut else _readers(lobby)  # what lies in a slot then belongs to the run
    way = "card_in" if "card_reader" in readers else "card_tap" if readers else "how"
    how = "cut" if phase.cut else "wrong" if phase.wrong else way
    line = Text(f"lobby.sign.{how}")
    body = Body((line,), field=phase.typed, field_key="sign.number", length=DIGITS)
    title, say = Text("lobby.sign.title"), Text("lobby.sign.say")
    return Page("Form", "sign-in", title, say, body, keys, at=readers, private=True)


def _home(lobby: Lobby) -> Page:
    keys: list[Key] = []
    lines: tuple[Text, ...] = ()
    if lobby.offers.next is not None:
        machine, lesson = lobby.offers.next
        tile = lobby.offers.tile(machine)
        sub = Text(f"lesson.{lesson}.title")
        keys.append(Key("home.next", "primary", Text("lobby.key.home.next"), sub=sub, icon=tile.icon if tile else ""))
        again = any(task.id == lesson and task.retest for task in (tile.tasks if tile else ()))
        lines = (Text("lobby.home.again" if again else "lobby.home.why"),)
    own = visiting.tile(lobby.visiting.visit)
    keys += [own] if own else []
    keys += _tiles(lobby)
    who = "home.guest" if lobby.learner == GUEST else "home.out"
    if lobby.learner != GUEST:
        keys.append(_key("home.own", "field", icon="hand"))
    keys += [_key(who, "field", icon="person"), _key("home.language", "field", icon="language")]
    body = Body(lines, trail=_way(lobby))
    return Page("Home", "home", Text("lobby.home.title"), Text("lobby.home.say"), body, tuple(keys))


def _way(lobby: Lobby) -> tuple[Row, ...]:
    """Return the stations of the way whose tile stands first, done, next and to come; none where there is no way."""
    stops = lobby.offers.routes[0].stops if lobby.offers.routes else ()
    left = _next_stop(lobby, stops)
    marks: list[Literal["ok", "next", ""]] = [
        "ok" if lobby.offers.done(*stop) else "next" if at == left else "" for at, stop in enumerate(stops)
    ]
    return tuple(Row(Text(f"lobby.stop.{stop[1]}"), mark=mark) for stop, mark in zip(stops, marks, strict=True))


def _next_stop(lobby: Lobby, stops: tuple[tuple[str, str], ...]) -> int | None:
    """Return the place of the first stop that is not done yet."""
    return next((at for at, stop in enumerate(stops) if not lobby.offers.done(*stop)), None)


def _signing_out(lobby: Lobby) -> Page:
    """Return the page with the only question before somebody is signed out; staying is the large key."""
    how = Text("lobby.out.guest" if lobby.learner == GUEST else "lobby.out.kept")
    keys = (_key("out.stay", "primary"), _key("out.leave"))
    return Page("Message", "sign-out", Text("lobby.out.title"), how, Body((how,), icon="person"), keys)


def _tiles(lobby: Lobby) -> list[Key]:
    """Return a tile for each machine, or for the place that it is a part of, where its first machine would stand."""
    icons, found = dict(lobby.offers.places), dict[str, Key]()
    for tile in lobby.offers.tiles:
        if tile.place not in icons:
            found[tile.machine] = _tile(tile.machine, tile.icon, tile.progress)
        elif tile.place not in found:
            parts = lobby.offers.parts(tile.place)
            progress = sum(max(0, part.progress) for part in parts) // len(parts)
            found[tile.place] = _tile(tile.place, icons[tile.place], progress)
    ways = []
    for route in lobby.offers.routes:
        done = sum(lobby.offers.done(*stop) for stop in route.stops)
        ways.append(_tile(route.id, route.icon, 100 * done // len(route.stops)))
    return [*ways, *found.values()]


def _tile(name: str, icon: str, progress: int) -> Key:
    return Key(f"tile.{name}", "choice", Text(f"tile.{name}"), name, Text(f"tile.{name}.sub"), icon, progress)


def _route(lobby: Lobby, route: Route) -> Page:
    """Return the page of all stops in their order; those that are done are ticked, and the next one has a key that
    starts it.
    """
    keys = [_stop(lobby, n, *stop) for n, stop in enumerate(route.stops, 1)]
    left = _next_stop(lobby, route.stops)
    if left is not None:
        on = keys[left]
        keys.insert(0, Key("stop.next", "primary", Text("lobby.key.home.next"), on.value, on.sub, on.icon))
    keys.append(_key("place.back", "back", icon="back"))
    line = Text("lobby.week.all" if left is None else "lobby.week.next")
    return Page("Home", "route", Text(f"tile.{route.id}"), Text("lobby.week.say"), Body((line,)), tuple(keys))


def _stop(lobby: Lobby, number: int, machine: str, lesson: str) -> Key:
    tile, name = lobby.offers.tile(machine), Text(f"tile.{machine}")
    own = next((task.icon for task in tile.tasks if task.id == lesson), tile.icon) if tile else ""
    icon = "tick" if lobby.offers.done(machine, lesson) else own
    return Key(f"stop.{number}", "choice", name, f"{machine} {lesson}", Text(f"lobby.stop.{lesson}"), icon)


def _in_place(lobby: Lobby, phase: InPlace) -> Page:
    if (route := lobby.offers.route(phase.place)) is not None:
        return _route(lobby, route)
    parts = tuple(_tile(tile.machine, tile.icon, tile.progress) for tile in lobby.offers.parts(phase.place))
    keys = (*parts, _key("place.back", "back", icon="back"))
    say = Text("lobby.place.say")
    return Page("Home", "place", Text(f"tile.{phase.place}"), say, Body((say,)), keys)


def _lessons(lobby: Lobby, phase: Lessons) -> Page:
    tile = lobby.offers.tile(phase.machine)
    tasks = tile.tasks[phase.first : phase.first + A_PAGE] if tile else ()
    keys = [
        Key(f"task.{task.id}", "choice", Text(f"lesson.{task.id}.title"), task.id, None, task.icon, task.progress)
        for task in tasks
    ]
    keys.append(_key("lessons.free", icon="hand"))
    if tile and tile.words and not phase.first:
        keys.append(_key("lessons.words", "field", icon="tick" if tile.machine in lobby.own.met else "ear"))
    if tile and len(tile.tasks) > A_PAGE:
        keys.append(_key("lessons.more", "field", icon="right"))
    if tile and len(tile.skins) > 1:
        other = tile.skins[(phase.skin + 1) % len(tile.skins)]
        name = text("lobby.key.lessons.skin", skin_key=f"tile.{tile.machine}.{other}")
        keys.append(Key("lessons.skin", "field", name, other))
    keys.append(_key("lessons.back", "back"))
    title = text("lobby.lessons.title", tile_key=f"tile.{phase.machine}")
    return Page("Tiles", "lessons", title, Text("lobby.lessons.say"), keys=tuple(keys))


def _words(lobby: Lobby, phase: Meeting) -> Page:
    """Return the page of each word in Mandarin, as it stands on the machine, and beside it in the learner's language
    where that has it.
    """
    tile = lobby.offers.tile(phase.machine)
    words = tile.words if tile else ()
    keys = [
        Key(
            f"word.{at}",
            "choice",
            text("lobby.words.is", mandarin_key=word),
            word,
            Text(word) if writes(lobby.language, word) else None,
            "ear",
        )
        for at, word in enumerate(words)
        if phase.first <= at < phase.first + WORDS
    ]
    if len(words) > WORDS:
        keys.append(_key("words.more", "field", icon="right"))
    keys.append(_key("words.back", "back"))
    return Page("Home", "words", Text("lobby.words.title"), Text("lobby.words.say"), keys=tuple(keys))


def _task(lobby: Lobby, phase: Before) -> Page:
    free = not phase.lesson
    title = Text("lobby.task.free" if free else f"lesson.{phase.lesson}.title")
    task = Text("lobby.task.free_how" if free else f"lesson.{phase.lesson}.task")
    watch = () if free else (_key("task.watch", icon="eye"),)
    keys = (_key("task.start", "primary"), *watch, _key("task.back", "back"))
    tile = lobby.offers.tile(phase.machine)
    this = next((one for one in (tile.tasks if tile else ()) if one.id == phase.lesson), None)
    again = this is not None and this.skin == phase.skin and this.retest
    own = this.own if this else tile.own if tile else ()
    rows = tuple(_owner_row(one) for one in own)
    lines = (task, Text(f"lobby.task.{'again' if again else 'help'}"))
    subject = this.icon if this else tile.icon if tile else ""
    body = Body(lines, rows, icon=tile.act if tile else "", subject=subject)
    return Page("Message", "task", title, task, body, keys, at=() if free else _readers(lobby))


def _owner_row(one: Owned) -> Row:
    """Return who one is, or whose card it is, by the end of its number."""
    value = text("lobby.own.named", name=one.value) if one.what == "me" else text("lobby.own.tail", tail=one.value)
    return Row(text(f"lobby.own.{one.what}", **({"name": one.whose} if one.whose else {})), value)


def _signing_page(lobby: Lobby, phase: Signing) -> Page:
    """Return a page without praise or blame before the teacher has seen it: the code, and what to do."""
    keys = (_key("signing.on", "primary") if phase.code else _key("signing.without", "back"),)
    if not phase.code:
        title, how = Text("lobby.signing.title"), Text("lobby.signing.how")
        return Page("Message", "signing", title, how, Body((how,), icon="card"), keys, at=_readers(lobby))
    how = Text(f"lobby.signing.{'printed' if phase.printed else 'noted'}")
    code = text("lobby.signing.code", code=phase.code)
    return Page("Message", "certified", Text("lobby.signing.done"), how, Body((code, how), icon="tick"), keys)


def _take(slots: tuple[str, ...]) -> Page:
    lines = tuple(text("lobby.take.from", slot_key=f"slot.{slot}") for slot in slots)
    keys = (_key("take.teacher", "back"),)
    return Page("Take", "take", Text("lobby.take.title"), Text("lobby.take.title"), Body(lines), keys, at=slots)


def _stuck_page(slots: tuple[str, ...]) -> Page:
    lines = (
        *(text("lobby.stuck.at", slot_key=f"slot.{slot}") for slot in slots),
        Text("lobby.stuck.safe"),
    )
    keys = (_key("stuck.teacher", "primary"), _key("stuck.again", "back"))
    title = Text("lobby.stuck.title")
    return Page("Message", "stuck", title, title, Body(lines, icon="alert"), keys)


def _frozen_page(lobby: Lobby) -> Page:
    """Return the page of a class that is stopped; a learner who has a visit now may still come in."""
    title, how, visit = Text("lobby.frozen.title"), Text("lobby.frozen.how"), lobby.visiting.visit
    comes = visiting.announcement(visit) if visit and visit.due == "now" and not lobby.learner else None
    body = Body((how, comes) if comes else (how,), icon="hand")
    at = _readers(lobby) if comes else ()
    return Page("Message", "frozen", title, how, body, (_key("frozen.teacher", "back"),), at=at)


def _closed_page(missing: tuple[str, ...]) -> Page:
    lines = (
        Text("lobby.closed.how"),
        *(text("lobby.closed.part", slot_key=f"slot.{part}") for part in missing[:4]),
    )
    keys = (_key("closed.again", "primary"), _key("closed.test", "choice"), _key("closed.teacher", "back"))
    title = Text("lobby.closed.title")
    return Page("Message", "closed", title, title, Body(lines, icon="closed"), keys)


def _self_test(phase: SelfTest) -> Page:
    rows = tuple(Row(Text(f"device.{seen.device}"), seen.words, seen.mark) for seen in phase.rows)
    lines = () if rows else (Text("lobby.test.looking"),)
    keys = (_key("test.again", "choice"), _key("test.back", "back"))
    return Page("List", "self-test", Text("lobby.test.title"), body=Body(lines, rows), keys=keys)
