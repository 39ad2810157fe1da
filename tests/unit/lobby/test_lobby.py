"""The lobby: from every page a key leads to home, whatever the app tells; every text exists."""

from __future__ import annotations

import random
import re
from collections import deque
from functools import cache

import msgspec
import pytest

from kiosk_firmware.core.events import DoubleTapped, Idled, Tapped, Typed
from kiosk_firmware.core.pages import Key, Page, Text
from kiosk_firmware.core.texts import TextForms, Words
from kiosk_firmware.unit.lobby.phases import lobby as s
from kiosk_firmware.unit.lobby.phases import sign_in as cs
from kiosk_firmware.unit.lobby.phases.supervisor import Row as Seen
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.unit.lobby.transitions import update
from kiosk_firmware.unit.lobby.view import view
from tests.unit.lobby.endings import ended

TASKS = tuple(s.Task(f"lesson-{n}", 1 + n // 3) for n in range(12))
WORDS = tuple(
    f"slot.{name}"
    for name in (
        "card_reader",
        "id_reader",
        "pin_pad",
        "coin_acceptor",
        "note_acceptor",
        "cash_dispenser",
        "receipt_printer",
    )
)
OFFERS = s.PracticeOffers(
    (
        s.Tile("atm", "atm", ("one", "two"), TASKS, 40, words=WORDS),
        s.Tile("rail", "train"),
        s.Tile("metro-ticket", "metro", progress=60, place="metro"),
        s.Tile("metro-gate", "gate", place="metro"),
    ),
    ("atm", "lesson-3"),
    places=(("metro", "metro"),),
    routes=(s.Route("first-week", "person", (("rail", "week-report"), ("atm", "week-card"))),),
)
MOMENT = s.Replay(
    Page("Menu", "choose", Text("lobby.home.title"), keys=(Key("a.b", "choose", Text("lobby.key.task.back")),)),
    "zh",
    "那时按了“返回”。",
    "那时按了“返回”。",
    "a.b",
)
TOLD = [
    s.Remembered(MOMENT),
    s.Watched(),
    s.ToBeShown("atm", "one", "lesson-1"),
    s.OffersListed(OFFERS),
    s.OffersListed(s.PracticeOffers()),
    s.Refused(),
    s.RunOver(ended(out_fen=100)),
    s.Holding(("card_reader",)),
    s.Holding((), ("card_reader",)),
    s.Holding(),
    s.Blocked(("card_reader",)),
    s.Blocked(),
    s.Tested((Seen("card_reader", "ok", Text("staff.seen.ok")),)),
    Idled(),
    DoubleTapped("home"),
    cs.NumberFound("l-123456", "check"),
    cs.NumberFound("l-123456", "choose"),
    cs.NumberFound("l-123456", "barred"),
    s.StorageFull(True),
    s.StorageFull(False),
    s.Tasked("atm", "lesson-1"),
    s.Tasked("rail", "x", "one"),
    s.TeacherHere(),
    s.Certified("3F9K2-7QX0M"),
    s.RunOver(msgspec.structs.replace(ended(out_fen=100), exam="e-1")),
    cs.Picked(2),
    cs.Unlike("choose"),
    cs.Unlike("check"),
    cs.Again(),
    cs.Recognised("l-123456", fresh=True),
    cs.Interrupted(True),
    cs.Interrupted(False),
    cs.TurnOver("clock"),
    cs.Suits(cs.Own("en", True)),
    Typed("sign.number", "1234", "sign-in"),
    Typed("sign.number", "123456", "sign-in"),
    Typed("sign.number", "x", "sign-in"),
]


ALIKE = {"tongue.en", "tongue.sc", "tongue.ii", *(f"word.{at}" for at in range(1, 7))}
"""Languages and words that lead where another one leads; left out of the walk, which is long enough."""


@cache
def presses(lobby):
    page = view(lobby)
    keys = [key for key in page.keys if key.role != "digit" and key.name not in ALIKE]
    return [Tapped(key.name, page.step, key.value) for key in keys]


def walked():
    """Every state that keys and the app can lead to."""
    start = s.Lobby(offers=OFFERS)
    seen, queue = {start: []}, deque([start])
    while queue:
        now = queue.popleft()
        for event in [*presses(now), *TOLD]:
            after = update(now, event)[0]
            if after not in seen:
                seen[after] = [*seen[now], event]
                queue.append(after)
    return seen


@pytest.fixture(scope="module")
def seen():
    return walked()


def test_there_is_no_dead_end(seen):
    """Keys alone lead from every state to the first page or into a run, once what lies in the cabinet is taken."""
    out = set()
    for start in seen:
        now = update(update(start, s.Holding())[0], s.Blocked())[0]
        found, queue = {now}, deque([now])
        while queue:
            here = queue.popleft()
            if here in out or isinstance(here.phase, s.Attract | s.Running):
                out.add(now)
                break
            for event in presses(here):
                after = update(here, event)[0]
                if after not in found:
                    found.add(after)
                    queue.append(after)
        else:
            pytest.fail(f"no way out of {start}")


def test_idling_leads_to_the_first_page_and_signs_out(seen):
    for lobby in seen:
        after, requests = update(lobby, Idled())
        if isinstance(lobby.phase, s.Running):
            assert after is lobby
        else:
            assert isinstance(after.phase, s.Attract)
            assert after.learner == ""
            assert requests == ((s.SignedOut(lobby.learner, "idle"),) if lobby.learner else ())


def texts_of(page: Page):
    found = [page.title, page.say, *page.body.lines, *(key.text for key in page.keys), *(key.sub for key in page.keys)]
    found += [part for row in page.body.rows for part in (row.label, row.value)]
    return [text for text in found if text is not None]


def test_every_text_exists_in_both_languages(seen):
    told = {"zh": "取款机", "en": "ATM"}
    own = lobby_texts(
        dict.fromkeys(
            ("atm", "atm.one", "atm.two", "rail", "metro", "metro-ticket", "metro-gate", "first-week"), (told, told)
        )
    )
    lessons = {f"lesson.lesson-{n}.title": TextForms("取钱") for n in range(len(TASKS))}
    own = Words([(language, lessons) for language in s.LANGUAGES]).joined(own)
    for lobby in seen:
        for text in texts_of(view(lobby)):
            if text.key.startswith(("lobby.", "coming.", "coach.", "slot.")):
                for language in s.LANGUAGES:
                    assert text.key in own.keys(language), text.key
                    assert "{" not in own.write(text, language)
    assert own.missing("en") == ()
    assert own.keys("en") == own.keys("zh")


def test_pages_are_well_formed(seen):
    for lobby in seen:
        page = view(lobby)
        names = [key.name for key in page.keys]
        assert len(names) == len(set(names))
        assert all(re.fullmatch(r"[a-z]+\.[a-z0-9-]+", name) for name in names)
        assert page.kind != "Menu" or len(page.keys) <= (11 if page.step.startswith("pictures") else 10)
        assert re.fullmatch(r"[a-z0-9-]{3,32}", page.step)
        assert sum(key.role == "primary" for key in page.keys) <= 1


def test_a_press_on_another_page_means_nothing(seen):
    chance = random.Random(3)
    states = list(seen)
    for lobby in chance.sample(states, min(50, len(states))):
        assert update(lobby, Tapped("attract.start", "elsewhere")) == (lobby, ())
        assert update(lobby, Tapped("no.such", view(lobby).step)) == (lobby, ())


IN = ("attract.start", "sign.guest", "touch.skip")
"""A guest's way to the home page."""


def go(lobby, *names):
    requests = ()
    for name in names:
        page = view(lobby)
        assert page.key(name), (page.step, name)
        lobby, requests = update(lobby, Tapped(name, page.step + "#4", page.key(name).value))
    return lobby, requests


def test_six_digits_sign_in():
    lobby, _ = go(s.Lobby(offers=OFFERS), "attract.start")
    lobby, _ = update(lobby, Typed("sign.number", "12345", "sign-in"))
    short, requests = go(lobby, "sign.ok")
    assert (view(short).step, requests) == ("sign-in", ())
    lobby, _ = update(lobby, Typed("sign.number", "123456", "sign-in"))
    lobby, requests = go(lobby, "sign.ok")
    assert requests == (cs.FindLearner("l-123456"),)
    lobby, _ = update(lobby, cs.NumberFound("l-123456", "check"))
    lobby, requests = go(lobby, "picture.train")
    assert requests == (cs.PickPicture("l-123456", "check", "train"),)
    assert "train" not in repr(lobby.phase)
    lobby, requests = update(lobby, cs.Recognised("l-123456"))
    assert (view(lobby).step, requests) == ("touch-1", (s.SignedIn("l-123456"),))
    lobby, _ = update(lobby, s.Refused())
    assert (view(lobby).step, lobby.learner) == ("sign-in", "")


def test_the_first_time_pictures_are_chosen_twice_and_pressing_is_learnt():
    lobby, _ = update(s.Lobby(s.SignIn("123456")), cs.NumberFound("l-123456", "choose"))
    lobby, _ = update(lobby, cs.Again())
    assert (view(lobby).step, lobby.learner) == ("pictures-repeat", "")
    lobby, _ = update(lobby, cs.Unlike("choose"))
    assert Text("coming.choose.wrong") in view(lobby).body.lines
    later, requests = go(lobby, "pictures.later")
    assert (view(later).step, requests[-1]) == ("touch-1", s.SignedIn("l-123456"))
    lobby, _ = update(lobby, cs.Recognised("l-123456", fresh=True))
    assert view(lobby).step == "touch-1"


def test_a_card_signs_in_where_nobody_is_and_nowhere_else(seen):
    for lobby in seen:
        after, requests = update(lobby, cs.Recognised("l-000001"))
        free = isinstance(lobby.phase, s.Attract | s.SignIn | cs.Pictures) and not lobby.learner
        assert requests == ((s.SignedIn("l-000001"),) if free else ())
        assert (after.learner == "l-000001") is (free or lobby.learner == "l-000001")


def test_a_turn_that_is_over_leaves_nothing_of_the_person(seen):
    for lobby in seen:
        after, requests = update(lobby, cs.TurnOver("clock"))
        assert requests == ((s.SignedOut(lobby.learner, "clock"),) if lobby.learner else ())
        assert (after.learner, after.own) == ("", cs.Own()) or not lobby.learner
        if lobby.learner:
            assert isinstance(after.phase, s.Attract)


@pytest.mark.parametrize("here", [s.Attract(), s.Home(), cs.Suiting()])
def test_a_language_is_chosen_by_its_own_name_and_the_page_comes_back(here):
    lobby = s.Lobby(here, offers=OFFERS, learner="" if here == s.Attract() else "l-000932")
    key = next(key.name for key in view(lobby).keys if key.name.endswith(".language"))
    page = view(go(lobby, key)[0])
    names = [lobby_texts().write(one.text, "zh") for one in page.keys[:-1]]
    assert names == ["中文", "English", "四川话", "ꆈꌠꉙ", "བོད་སྐད་"]
    chosen, requests = go(lobby, key, "tongue.bo")
    assert (chosen.phase, chosen.language, requests) == (here, "bo", (s.ChangeLanguage("bo"),))
    assert go(lobby, key, "tongue.back")[0] == lobby


def test_a_machine_s_words_stand_in_mandarin_beside_the_learner_s_own_and_are_said():
    lobby, _ = go(s.Lobby(offers=OFFERS, language="en"), *IN, "tile.atm", "lessons.words")
    page, own = view(lobby), lobby_texts()
    first = page.keys[0]
    assert (own.write(first.text, "en"), own.write(first.sub, "en")) == ("卡口", own.write(Text(WORDS[0]), "en"))
    lobby, requests = go(lobby, "word.0")
    assert requests == (s.SayWord(WORDS[0], "zh"),)
    assert go(lobby, "word.0")[1] == (s.SayWord(WORDS[0], "en"),)
    assert go(lobby, "word.1")[1] == (s.SayWord(WORDS[1], "zh"),)
    yi = msgspec.structs.replace(lobby, language="ii")
    assert all(key.sub is None for key in view(yi).keys)  # nothing is said to be a translation that is none
    assert go(yi, "word.0")[1] == (s.SayWord(WORDS[0], "ii"),)


def test_who_has_met_the_words_has_been_there_and_no_more():
    lobby, requests = go(s.Lobby(offers=OFFERS), *IN, "tile.atm", "lessons.words")
    assert requests == ()
    lobby, requests = go(lobby, "words.more")
    assert requests == (cs.KeepOwn(cs.Own(met=("atm",))),)
    lobby, _ = update(lobby, cs.Suits(requests[0].own))
    assert lobby.offers == OFFERS
    lobby, requests = go(lobby, "words.more", "words.more", "words.back")
    assert (requests, view(lobby).key("lessons.words").icon) == ((), "tick")


def test_a_unit_that_is_a_place_stands_on_its_page_and_whoever_comes_is_told_who_they_are():
    here = s.Lobby(offers=OFFERS, place="metro")
    page = view(here)
    assert (page.step, page.title.key) == ("attract", "tile.metro")
    assert {key.name for key in page.keys} >= {"tile.metro-ticket", "tile.metro-gate", "attract.start"}
    lobby, requests = go(here, "tile.metro-gate")
    assert (requests, lobby.learner) == ((s.SignedIn(s.GUEST),), s.GUEST)
    for at in range(cs.ROUNDS):
        assert view(lobby).step == f"touch-{at + 1}", "a guest meets the touch lesson, whichever way they come"
        lobby, requests = go(lobby, "touch.press")
    assert (view(lobby).step, requests) == ("task", ())
    lobby, requests = go(lobby, "task.start")
    assert requests == (s.StartRun("metro-gate", "", ""),)
    assert lobby.phase == s.Running("metro-gate", "", "")
    assert view(go(here, "tile.metro-gate", "touch.skip")[0]).step == "task", "an arrow for whoever can do it"
    assert view(go(here, "attract.start")[0]).step == "sign-in"
    assert view(s.Lobby(place="metro")).title.key == "lobby.attract.title", "its devices are not there"


def test_the_recommended_step_starts_its_lesson():
    lobby, requests = go(s.Lobby(offers=OFFERS), *IN, "home.next", "task.start")
    assert requests == (s.StartRun("atm", "one", "lesson-3"),)
    assert lobby.machine == "atm"


def test_a_lesson_can_be_watched_first_and_nothing_of_it_is_a_run():
    before = s.Lobby(s.Before("atm", "two", "lesson-3"), "l-000932", offers=OFFERS)
    watching, asked = update(before, Tapped("task.watch", "task"))
    assert asked == (s.ShowLesson("atm", "two", "lesson-3"),)
    assert update(watching, s.Watched())[0] == before
    free = s.Lobby(s.Before("atm", "two", ""), "l-000932", offers=OFFERS)
    assert view(free).key("task.watch") is None


def test_a_teacher_may_have_a_lesson_shown_where_nobody_is_at_work():
    wanted = s.ToBeShown("atm", "two", "lesson-3")
    idle = s.Lobby(offers=OFFERS)
    shown, asked = update(idle, wanted)
    assert asked == (s.ShowLesson("atm", "two", "lesson-3"),)
    assert update(shown, s.Watched())[0] == idle
    busy = s.Lobby(s.Running("atm", "one", "lesson-1"), "l-000932", offers=OFFERS)
    assert update(busy, wanted) == (busy, ())


def test_who_wants_to_looks_at_one_moment_again_and_comes_back_to_the_debrief():
    running, known = s.Lobby(s.Running("atm", "one", "lesson-3"), "l-000932", offers=OFFERS), MOMENT.sentence
    nothing = update(running, s.RunOver(ended()))[0]
    assert view(nothing).key("debrief.moment") is None
    assert update(nothing, s.Remembered(MOMENT)) == (nothing, ()), "no key comes to a page that stands"
    first = msgspec.structs.replace(MOMENT, sentence=known[:-1])
    over = update(running, s.RunOver(msgspec.structs.replace(ended(), moment=first)))[0]
    found = update(over, s.Remembered(MOMENT))[0]
    assert view(found) == view(over)
    looking = update(found, Tapped("debrief.moment", "debrief"))[0]
    page = view(looking)
    assert (page.step, page.kind, page.keys, page.timer) == ("moment", "Menu", MOMENT.page.keys, None)
    assert update(looking, Tapped("a.b", "moment"))[0] == found
    assert update(looking, s.Watched())[0] == found
    early = update(over, Tapped("debrief.moment", "debrief"))[0]
    assert update(early, s.Remembered(MOMENT))[0] == looking, "what helps comes to the page that is looked at"
    gone = update(s.Lobby(s.Home(), "l-000932", offers=OFFERS), s.Remembered(MOMENT))
    assert gone == (s.Lobby(s.Home(), "l-000932", offers=OFFERS), ())


def test_a_retest_says_so_where_it_begins():
    tasks = (s.Task("lesson-1", progress=80, skin="two", retest=True),)
    offers = s.PracticeOffers((s.Tile("atm", "atm", ("one", "two"), tasks),), ("atm", "lesson-1"))
    home = s.Lobby(s.Home(), "l-000932", offers=offers)
    assert view(home).body.lines == (Text("lobby.home.again"),)
    task = update(home, Tapped("home.next", "home"))[0]
    assert task.phase == s.Before("atm", "two", "lesson-1")
    assert Text("lobby.task.again") in view(task).body.lines
    other = s.Lobby(s.Before("atm", "one", "lesson-1"), "l-000932", offers=offers)
    assert Text("lobby.task.help") in view(other).body.lines


def test_lessons_are_paged_and_the_skin_is_kept():
    lobby, _ = go(s.Lobby(offers=OFFERS), *IN, "tile.atm", "lessons.skin", "lessons.more")
    lobby, _ = go(lobby, "task.lesson-7")
    back, _ = go(lobby, "task.back")
    assert back.phase == s.Lessons("atm", 5, 1)
    _, requests = go(lobby, "task.start")
    assert requests == (s.StartRun("atm", "two", "lesson-7"),)
    _, requests = go(back, "lessons.free", "task.start")
    assert requests == (s.StartRun("atm", "two", ""),)


def test_every_lesson_can_be_reached():
    lobby, _ = go(s.Lobby(offers=OFFERS), *IN, "tile.atm")
    met = set()
    for _ in range(4):
        met |= {key.value for key in view(lobby).keys if key.name.startswith("task.")}
        lobby, _ = go(lobby, "lessons.more")
    assert met == {task.id for task in TASKS}


def test_a_full_memory_is_said_where_nobody_is_and_keeps_nobody_from_practising():
    full = update(s.Lobby(offers=OFFERS), s.StorageFull(True))[0]
    assert "lobby.attract.full" in [line.key for line in view(full).body.lines]
    assert {key.name for key in view(full).keys} == {key.name for key in view(s.Lobby(offers=OFFERS)).keys}
    assert view(update(full, s.StorageFull(False))[0]) == view(s.Lobby(offers=OFFERS))
