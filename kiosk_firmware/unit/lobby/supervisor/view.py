"""The supervisor's pages. One thing a page, words instead of codes, and a way back from each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from kiosk_firmware.core.list_pages import list_page
from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Text, text
from kiosk_firmware.unit.lobby.phases import supervisor as s
from kiosk_firmware.unit.lobby.supervisor import cash_count

A_PAGE = 6
"""Devices or faults on one page."""
FAULTS_A_PAGE = 5


def door(phase: s.Door) -> Page:
    """Return how to get in; the digits lie elsewhere each time, so that nobody learns a code from a hand's
    movements.
    """
    back = _key("back", "back")
    if phase.barred_min:
        return _message("barred", "barred", text("staff.barred.how", n=phase.barred_min), keys=(back,), icon="lock")
    if phase.unproved:
        lines = [Text("staff.door.unproved")]
    elif phase.left >= 0:
        lines = [text("staff.door.wrong", n=phase.left)]
    else:
        lines = [Text("staff.door.card")] if phase.card else []
    if not phase.order:
        lines = [
            *lines[: phase.unproved or phase.left >= 0],
            Text("staff.door.only_card" if phase.card else "staff.door.none"),
        ]
        return _message("door", "hub", *lines, keys=(back,), icon="card" if phase.card else "lock", at=_reader(phase))
    digits = tuple(Key(f"digit.{n}", "digit", Text(str(n)), str(n)) for n in phase.order)
    erase = Key("digit.erase", "digit", Text("lobby.key.digit.erase"), "<", icon="erase")
    body = Body(tuple(lines[:1]), digits=phase.typed, length=s.CODE)
    title = Text("staff.door.title")
    return Page("PinEntry", "staff-door", title, None, body, (*digits, erase, back), at=_reader(phase), private=True)


def _reader(phase: s.Door) -> tuple[str, ...]:
    return ("card_reader",) if phase.card else ()


def desk(phase: s.Desk, staffing: s.Staffing) -> Page:
    """Return the page of the sheet that lies on the desk."""
    match phase.sheet:
        case s.Hub():
            return _hub(phase.who, staffing)
        case s.Health(rows=rows):
            return _health(rows)
        case s.Tests(first=first):
            return _tests(first, staffing)
        case s.Trial(device=device, rows=rows):
            return _trial(device, rows)
        case s.Faults() as sheet:
            return _fault(sheet.asked, staffing) if sheet.asked else _faults(sheet.first, staffing)
        case s.Counting():
            return _menu("count-when", "counting", (_key("before"), _key("after"), _key("back", "back")))
        case s.Count() as sheet:
            return _count_page(sheet) if sheet.at >= len(sheet.items) else _count(sheet)
        case s.Refills() as sheet:
            return _refills(sheet, staffing)
        case s.Service():
            return _service(staffing)
        case s.Restarting(blank=blank):
            keys = (_key("back", "back"), _key("restart-now", "danger"))
            how = Text("staff.restart.blank" if blank else "staff.restart.how")
            return _message("restart", "restart", how, keys=keys)
        case s.Setup():
            cards = (_key("new-card", icon="card"), _key("technician-card", icon="card"))
            new = cards if "card_reader" in staffing.devices else ()
            issue = (_key("issue", icon="card"),) if staffing.secrets else ()
            wipe = _key("wipe", icon="erase")
            return _menu("setup", "setup", (_key("set-up", icon="wrench"), *new, *issue, wipe, _key("back", "back")))
        case s.NewCard(said=said, technician=technician):
            mine = "technician-card" if technician else "card"
            line = Text(f"staff.{mine if said in ('', 'done') else 'card'}.{said or 'how'}")
            at = () if said else ("card_reader",)
            return _message("card", mine, line, keys=(_key("back", "back"),), icon="card", at=at)
        case s.Issuing() as sheet:
            return _issue_page(sheet)
        case s.Wiping() as sheet:
            return _wipe_page(sheet)
        case _:
            assert_never(phase.sheet)


def out_of_service_page(reason: str) -> Page:
    """Return what learners read of a unit that a supervisor has put out of service."""
    title = Text("lobby.closed.title")
    lines = (Text(f"staff.shut.{reason}"), Text("lobby.closed.how"))
    keys = (Key("shut.teacher", "back", Text("lobby.key.closed.teacher")),)
    return Page("Message", "shut", title, title, Body(lines, icon="closed"), keys)


def _key(name: str, role: Role = "choice", icon: str = "", value: str = "") -> Key:
    return Key(f"staff.{name}", role, Text(f"staff.key.{name}"), value, icon=icon)


def _message(
    step: str, title: str, *lines: Text, keys: tuple[Key, ...], icon: str = "", at: tuple[str, ...] = ()
) -> Page:
    return Page("Message", f"staff-{step}", Text(f"staff.{title}.title"), None, Body(lines, icon=icon), keys, at=at)


def _menu(step: str, title: str, keys: tuple[Key, ...], *lines: Text) -> Page:
    return Page("Menu", f"staff-{step}", Text(f"staff.{title}.title"), None, Body(lines), keys)


def _page_of_names(names: tuple[str, ...], first: int, size: int) -> tuple[Sequence[str], tuple[Key, ...]]:
    """Return the names of this page, and the key to the next."""
    here, after = list_page(names, first, size)
    return here, () if after is None else (_key("more", icon="right", value=str(after)),)


def _hub(who: int, staffing: s.Staffing) -> Page:
    keys = (
        _key("health", icon="balance"),
        _key("faults", icon="alert"),
        _key("count", icon="coin"),
        _key("refill", icon="deposit"),
        _key("service", icon="lock"),
        _key("restart", icon="transfer"),
        _key("setup", icon="wrench"),
        _key("language", icon="language"),
        _key("end", "back"),
    )
    lines = []
    if staffing.armed:
        lines.append(text("staff.hub.armed", fault_key=f"fault.{staffing.armed}.name"))
    if staffing.shut:
        lines.append(text("staff.hub.shut", reason_key=f"staff.reason.{staffing.shut}"))
    return Page("Menu", "staff-desk", text("staff.hub.who", n=who), None, Body(tuple(lines)), keys)


def _health(rows: tuple[s.Row, ...]) -> Page:
    shown = tuple(Row(Text(f"device.{row.device}"), row.words, row.mark) for row in rows)
    lines = () if shown else (Text("lobby.test.looking"),)
    keys = (_key("back", "back"), _key("look-again"), _key("tests", "primary"))
    return Page("List", "staff-health", Text("staff.health.title"), None, Body(lines, shown), keys)


def _tests(first: int, staffing: s.Staffing) -> Page:
    here, more = _page_of_names(staffing.devices, first, A_PAGE)
    keys = tuple(Key(f"test.{device.replace('_', '-')}", "choice", Text(f"device.{device}"), device) for device in here)
    return _menu("tests", "tests", (*keys, *more, _key("back", "back")))


def _trial(device: str, rows: tuple[s.Row, ...]) -> Page:
    shown = tuple(Row(row.words, None, row.mark) for row in rows)
    keys = (_key("back", "back"), _key("test-again", "primary"))
    title = text("staff.trial.title", device_key=f"device.{device}")
    body = Body((Text(f"staff.trial.{device}"),), shown)
    return Page("List", "staff-trial", title, None, body, keys, at=(device,))


def _faults(first: int, staffing: s.Staffing) -> Page:
    here, more = _page_of_names(tuple(fault for fault, _ in staffing.supports), first, FAULTS_A_PAGE)
    keys = tuple(
        Key(f"fault.{fault.replace('_', '-')}", "choice", Text(f"fault.{fault}.name"), fault) for fault in here
    )
    none = (_key("disarm", icon="cross"),) if staffing.armed else ()
    return _menu("faults", "faults", (*keys, *more, *none, _key("back", "back")))


def _fault(fault: str, staffing: s.Staffing) -> Page:
    machines = dict(staffing.supports).get(fault, ())
    lines = (Text(f"fault.{fault}.how"), _machines(machines), Text("staff.faults.once"))
    keys = (_key("back", "back"), *((_key("arm", "primary", value=fault),) if machines else ()))
    return Page("Message", "staff-fault", Text(f"fault.{fault}.name"), None, Body(lines), keys)


def _machines(machines: tuple[str, ...]) -> Text:
    """Return where it can happen: up to three by name."""
    names = {f"{letter}_key": f"tile.{machine}" for letter, machine in zip("abc", machines, strict=False)}
    return text(f"staff.on.{min(4, len(machines))}", **names)


def _count(sheet: s.Count) -> Page:
    item, count = sheet.items[sheet.at], sheet.counted[sheet.at]
    title = text(_name(item), fen_fen=_fen(item))
    known = item.expected is not None
    should = text("staff.count.should", n=max(0, item.expected or 0)) if known else Text("staff.count.unknown")
    keys = tuple(_key(name) for name in ("less-ten", "less", "more-one", "more-ten"))
    ends = (_key("back", "back"), _key("count-next", "primary"))
    body = Body((should, text("staff.count.counted", n=count)))
    return Page("Message", f"staff-count-{sheet.at}", title, None, body, (*keys, *ends))


def _count_page(sheet: s.Count) -> Page:
    rows: list[Row] = []
    for item, count in zip(sheet.items, sheet.counted, strict=True):
        rows += _sum(item, count)
    gone = cash_count.count_missing(sheet.items, sheet.counted)
    whole = cash_count.complete(sheet.items, sheet.counted)
    title = Text("staff.counted.all") if whole else text("staff.counted.missing", n=gone)
    keys = (_key("back", "back"), _key("count-again"), _key("count-keep", "primary"))
    if not gone and not whole:
        title = Text("staff.counted.more")
    return Page("List", "staff-counted", title, None, Body((), tuple(rows)), keys)


def _sum(item: s.Item, count: int) -> list[Row]:
    """Return what came of one item; for what is missing, where one was seen last."""
    off = cash_count.difference(item, count)
    name = text(_name(item), fen_fen=_fen(item))
    if item.expected is None:
        return [Row(name, text("staff.counted.there", n=count))]
    if not off:
        return [Row(name, text("staff.counted.there", n=count), "ok")]
    words = text("staff.counted.less" if off < 0 else "staff.counted.over", n=abs(off), count=count)
    rows = [Row(name, words, "bad" if off < 0 else "warn")]
    if off < 0 and item.place:
        rows.append(Row(text("staff.counted.last", at=item.at, place_key=f"staff.place.{item.place}")))
    return rows


def _name(item: s.Item) -> str:
    if item.what.startswith("fen."):
        return "staff.item.token" if item.token else "staff.item.note"
    return f"staff.item.{item.what}"


def _fen(item: s.Item) -> int:
    return int(item.what.removeprefix("fen.")) if item.what.startswith("fen.") else 0


def _refills(sheet: s.Refills, staffing: s.Staffing) -> Page:
    if sheet.asked:
        sure = (_key("back", "back"), _key("refilled", "primary", value=sheet.asked))
        title = text("staff.refill.one", what_key=f"staff.refilled.{sheet.asked}")
        return Page("Message", "staff-refill", title, None, Body((Text(f"staff.refill.{sheet.asked}"),)), sure)
    lines = (text("staff.refill.done", what_key=f"staff.refilled.{sheet.done}"),) if sheet.done else ()
    keys = tuple(
        Key(f"refill.{at.replace('_', '-')}", "choice", Text(f"staff.refilled.{at}"), at) for at in staffing.refills
    )
    return _menu("refills", "refill", (*keys, _key("back", "back")), *lines)


def _service(staffing: s.Staffing) -> Page:
    back = _key("back", "back")
    if staffing.shut:
        line = text("staff.service.shut", reason_key=f"staff.reason.{staffing.shut}")
        return _message("service", "service", line, keys=(back, _key("open", "primary")))
    keys = tuple(Key(f"shut.{reason}", "choice", Text(f"staff.reason.{reason}"), reason) for reason in s.REASONS)
    return _menu("service", "service", (*keys, back), Text("staff.service.how"))


def _issue_page(sheet: s.Issuing) -> Page:
    lines = [Text("staff.issue.how")]
    if sheet.last is not None:
        word = "written" if sheet.last.written else "plain"
        lines.insert(0, text(f"staff.issue.{word}", tail=sheet.last.tail, n=sheet.count))
    return _message("issue", "issue", *lines, keys=(_key("back", "back"),), icon="card", at=("card_reader",))


def _wipe_page(sheet: s.Wiping) -> Page:
    """Name what goes before each of the two questions, and what the office does not have is counted."""
    back = _key("back", "back")
    if sheet.at == "stick":
        line = Text("staff.wipe.plug") if sheet.carried is None else _kept_text(sheet.carried)
        return _message("wipe-stick", "wipe.stick", line, keys=(back,), icon="deposit")
    if sheet.at == "going":
        return _message("wipe-going", "wipe.going", Text("staff.wipe.telling"), keys=(_key("wipe-stop", "back"),))
    if sheet.at == "sure":
        keys = (back, _key("wipe-now", "danger"))
        return _message(
            "wipe-sure", "wipe.sure", *_lost_texts(sheet), Text("staff.wipe.never"), keys=keys, icon="alert"
        )
    if sheet.lost is None:
        return _message("wipe", "wipe", Text("lobby.test.looking"), keys=(back,), icon="alert")
    stick = (_key("to-stick", "primary"),) if sheet.lost.signs and sheet.lost.facts else ()
    keys = (back, *stick, _key("wipe-on", "danger"))
    return _message("wipe", "wipe", Text("staff.wipe.what"), *_lost_texts(sheet), keys=keys, icon="alert")


def _kept_text(facts: int) -> Text:
    return text("staff.wipe.kept", n=facts) if facts else Text("staff.wipe.none")


def _lost_texts(sheet: s.Wiping) -> tuple[Text, ...]:
    facts = sheet.lost.facts if sheet.lost else -1
    if facts < 0:
        return (Text("staff.wipe.unread"),)
    saved = (_kept_text(sheet.carried),) if sheet.carried else ()
    return (text("staff.wipe.unsent", n=facts) if facts else Text("staff.wipe.sent"), *saved)
