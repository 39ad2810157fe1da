"""All machines (`machine_list` has a line of each), and the only reader of their folders.

`load` hands out a machine with its world and words for one skin and one practised date; `describe` gives names and
data to the office, which never sees rules. Rules are imported when a machine is loaded, not before: the kiosk's
first frame needs none of them.
"""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.catalogue import site_content
from kiosk_firmware.catalogue.machine_list import MACHINES, PLACES, CatalogueEntry, ErrandPlace, HeldThing
from kiosk_firmware.core.events import Fault
from kiosk_firmware.core.faults import FAULTS, WHERE
from kiosk_firmware.core.initial_situations import Walk, start_event, with_fault
from kiosk_firmware.core.lessons import GoalCondition, Lesson, LessonFile
from kiosk_firmware.core.linked_machines import Pair, join_machines, words_of
from kiosk_firmware.core.machine import Machine, World
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.rulepack import Packs, valid_on
from kiosk_firmware.core.skills import Skills, TracingParameters
from kiosk_firmware.core.texts import Words, table
from kiosk_firmware.core.toml_files import decode as _decode
from kiosk_firmware.core.toml_files import read_toml as toml
from kiosk_firmware.system.utc_clock import utc_ms

PACKAGE = Path(__file__).parent.parent
LANGUAGES = ("zh", "en")
UTC8 = datetime.timezone(datetime.timedelta(hours=8))


def today() -> datetime.date:
    """Return the date in UTC+8, where all units are."""
    return datetime.datetime.fromtimestamp(utc_ms() / 1000, UTC8).date()


def names() -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Return what the lobby calls machines, their skins (`<machine>.<skin>`) and places: id → (name by language, second
    line by language).
    """
    machines = {line.id: (line.name, line.sub) for line in MACHINES}
    second: dict[str, str] = {}
    looks = {f"{line.id}.{skin}": (skin_name(line.id, skin), second) for line in MACHINES for skin in skins(line.id)}
    return machines | looks | {spot.id: (spot.name, spot.sub) for spot in PLACES}


@cache
def skin_name(name: str, skin: str) -> dict[str, str]:
    """Return the name of the bank, railway or shop that a skin imitates, by language: it stands at the head of its
    pages.
    """
    made = toml(folder(name) / "skins.toml")["skin"][skin]
    return {language: made["texts"][language][made["look"]["header"]["name"]] for language in LANGUAGES}


def place(name: str) -> ErrandPlace | None:
    """Return the place that the machine is a part of, or None."""
    return next((spot for spot in PLACES if name in spot.parts), None)


def pocket(name: str) -> ErrandPlace | None:
    """Return the place whose pocket the machine shares: its own, or one that its person also goes to; or None."""
    return place(name) or next((spot for spot in PLACES if name in spot.also), None)


def stop(machine: str, lesson: str) -> tuple[ErrandPlace, int] | None:
    """Return the place of which this lesson is a stop, and which one; or None."""
    found = ((spot, spot.stops.index((machine, lesson))) for spot in PLACES if (machine, lesson) in spot.stops)
    return next(found, None)


class LoadedMachine(msgspec.Struct, frozen=True):
    """A machine ready to run. `look` is the skin's drawing data, `content_hash` names all files that took part."""

    machine: Machine[Any]
    world: World[Any]
    words: Words
    look: dict[str, Any]
    skin: str
    pack_id: str
    content_hash: str
    lessons: tuple[Lesson, ...]
    personas: dict[str, Persona]
    recovery: dict[Fault, tuple[GoalCondition, ...]] = {}
    """By fault, when somebody has coped with it."""
    data: Any = None
    holds: tuple[HeldThing, ...] = ()
    """What a run leaves in somebody's hands."""


def describe() -> tuple[CatalogueEntry, ...]:
    """Return names and data of all machines, without importing one."""
    return MACHINES


def entry(name: str) -> CatalogueEntry:
    """Return the catalogue's line of that name.

    Raises:
        LookupError: there is no such machine; says which there are.
    """
    found = next((line for line in MACHINES if line.id == name), None)
    if found is None:
        raise LookupError(f"machine {name!r}: allowed are {', '.join(line.id for line in MACHINES)}")
    return found


def faults(name: str) -> tuple[Fault, ...]:
    """Return what can be armed at the machine: the faults of the devices that it uses, and those that it names."""
    found = entry(name)
    return tuple(fault for fault in FAULTS if fault in found.faults or set(WHERE[fault]) & set(found.uses))


def folder(name: str) -> Path:
    """Return the machine's folder (id `bank-counter` = folder `bank_counter`)."""
    return PACKAGE / "machines" / entry(name).id.replace("-", "_")


@cache
def skills(name: str) -> Skills:
    """Return what of a run at the machine shows which skill; empty for a machine that has no skills.toml."""
    path = folder(name) / "skills.toml"
    found: Skills = _decode(toml(path), Skills, path.name) if path.exists() else {}
    return found


@cache
def tracing_parameters() -> TracingParameters:
    """Return the parameters by which skills are guessed."""
    made: TracingParameters = _decode(toml(Path(__file__).with_name("tracing.toml")), TracingParameters, "tracing.toml")
    return made


@cache
def skins(name: str) -> tuple[str, ...]:
    """Return the machine's skins, in the file's order."""
    return tuple(toml(folder(name) / "skins.toml")["skin"])


@cache
def lessons(name: str) -> tuple[Lesson, ...]:
    """Return the machine's lessons and the site's, in their graded order."""
    path = folder(name) / "lessons.toml"
    file: LessonFile = _decode(toml(path), LessonFile, path.name)
    own = {lesson.id for lesson in file.lesson}
    added = (one.lesson for one in site_content.lessons(name) if one.lesson.id not in own)
    return tuple(sorted((*file.lesson, *added), key=lambda lesson: lesson.level))


def site(base: Path | None) -> None:
    """Offer the lessons of a site's folder from now on, too (`sites`); also called when one was added or taken out."""
    site_content.use(base)
    _forget()


def content(base: Path | None) -> None:
    """Use this content of the office from now on (`sites`); a machine that is loaded already stays as it is."""
    site_content.use_content(base)
    _forget()


def _forget() -> None:
    for cached in (lessons, machine_texts):
        cached.cache_clear()


def _newest(path: Path) -> Path:
    """Return the content's file in place of one of the system's, if it has it."""
    base = site_content.content()
    mirrored = base / path.relative_to(PACKAGE) if base else path
    return mirrored if mirrored.exists() else path


def keep(machine: str, file: str, base: Path) -> Path:
    """Put the text of a site's lesson into its folder and offer it where that is this process's; its path.

    Raises:
        LookupError: there is no such machine.
        ValueError: the text is no lesson.
    """
    path = site_content.keep(entry(machine).id, file, base)
    if base == site_content.folder():
        site(base)
    return path


@cache
def recovery(name: str) -> dict[Fault, tuple[GoalCondition, ...]]:
    """Return by fault the rows that hold when somebody has coped with it; empty for a machine that has no
    recovery.toml.
    """
    path = folder(name) / "recovery.toml"
    if not path.exists():
        return {}
    rows: dict[Fault, tuple[GoalCondition, ...]] = _decode(
        toml(path), dict[Fault, tuple[GoalCondition, ...]], path.name
    )
    return rows


@cache
def machine_texts(name: str, skin: str = "") -> Words:
    """Return the machine's texts; a skin's own ones win."""
    base, line = folder(name), entry(name)
    shared = [PACKAGE / line.shares] if line.shares else []
    tables = [(lang, table(toml(place_ / f"{lang}.toml"))) for place_ in (*shared, base) for lang in LANGUAGES]
    own_texts = [base / f"{language}.toml" for language in LANGUAGES]
    newer = [(path.stem, table(toml(_newest(path)))) for path in own_texts if _newest(path) != path]
    overrides = toml(base / "skins.toml")["skin"][skin].get("texts", {}) if skin else {}
    added = [(language, table(site_content.texts(name, language))) for language in LANGUAGES]
    own = [*added, *tables, *newer, *((language, table(texts)) for language, texts in overrides.items())]
    parts = [words_of(part, machine_texts(part), LANGUAGES) for part in line.opens if _is_known(part)]
    return Words([*(texts for part in parts for texts in part), *own]).quoted()


def _is_known(name: str) -> bool:
    return any(line.id == name for line in MACHINES)


@cache
def personas() -> dict[str, Persona]:
    """Return the people who can be practised as, by name: those of all machines, and those that a machine's folder
    brings.

    Raises:
        ValueError: a file is wrong, or two name the same person.
    """
    found: dict[str, Persona] = {}
    own = (folder(line.id) / "personas.toml" for line in MACHINES)
    for path in (Path(__file__).with_name("personas.toml"), *(path for path in own if path.exists())):
        for name, data in toml(path).items():
            if name in found:
                raise ValueError(f"{path.parent.name}/{path.name}: {name}: a person of that name stands elsewhere")
            found[name] = _decode(data, Persona, path.name)
    return found


def load(
    name: str, skin: str = "", date: datetime.date | None = None, changes: Mapping[str, Any] | None = None
) -> LoadedMachine:
    """Load the machine in that skin (default: its first) with the rules of that date (default: today in UTC+8).

    `changes` replaces values by name ({"rules": {...}, "profile": {...}, "data": {...}}), for walks of small worlds.

    Raises:
        LookupError: no such machine, skin, or rule pack for the date.
        ValueError: a file of the folder is wrong; names file, key and what is allowed.
    """
    base = folder(name)
    every = toml(base / "skins.toml")["skin"]
    skin = skin or next(iter(every))
    if skin not in every:
        raise LookupError(f"skin {skin!r} of {name}: allowed are {', '.join(every)}")
    build = importlib.import_module(f"kiosk_firmware.machines.{base.name}.build")
    changed = changes or {}
    pack = valid_on(packs(name), date or today())
    rules = _replaced(pack.rules, changed.get("rules", {}))
    profile = _replaced(_decode(every[skin]["profile"], build.Profile, "skins.toml"), changed.get("profile", {}))
    data = _data(base, build, changed.get("data", {}))
    machine, world = build.build(rules, profile, data) if data else build.build(rules, profile)
    look, content = every[skin]["look"], content_hash(*_folders(name))
    said = machine_texts(name, skin)
    tasks, holds = lessons(name), entry(name).holds
    return LoadedMachine(
        machine, world, said, look, skin, pack.id, content, tasks, personas(), recovery(name), data, holds
    )


def with_linked_machines(loaded: LoadedMachine, name: str) -> LoadedMachine:
    """Return the machine as it stands in its place: it may open the parts that the catalogue names. A machine that
    opens none is as it was. Parts are loaded when they are first opened, in their first skin, by the same day's rules.
    """
    known = tuple(part for part in entry(name).opens if _is_known(part))
    if not known:
        return loaded

    @cache
    def part(other: str) -> Pair | None:
        if other not in known:
            return None
        found = load(other)
        return found.machine, found.world

    machine, world = join_machines((loaded.machine, loaded.world), part)
    folders = [base for one in known for base in _folders(one)]
    content = content_hash(*_folders(name), *folders)
    return msgspec.structs.replace(loaded, machine=machine, world=world, content_hash=content)


def _folders(name: str) -> tuple[Path, ...]:
    """Return every folder that a machine's rules and texts stand in."""
    base = folder(name)
    build = importlib.import_module(f"kiosk_firmware.machines.{base.name}.build")
    own = (base, *_kit(build))
    return *own, *(newer for path in own if (newer := _newest(path)) != path), *site_content.folders(name)


def _data(base: Path, build: Any, changes: Mapping[str, Any]) -> Any:
    """Read a machine's data files, where its build names a struct for them: a field `trains` is `trains.toml`."""
    kind = getattr(build, "DATA", None)
    if kind is None:
        return None
    found = {}
    for field in msgspec.structs.fields(kind):
        file = f"{field.name}.toml"
        found[field.name] = _decode(changes.get(field.name) or toml(_own(base, build, file)), field.type, file)
    return kind(**found)


def _own(base: Path, build: Any, file: str) -> Path:
    """Return the machine's file, or that of the kit it shares with others (`SHARED`, a folder of this package)."""
    places = (base / file, *(kit / file for kit in _kit(build)))
    return next((path for path in places if path.exists()), places[0])


def packs(name: str) -> Packs[Any]:
    """Return the machine's dated rules.

    Raises:
        ValueError: rulepack.toml is wrong; names key and what is allowed.
    """
    base = folder(name)
    build = importlib.import_module(f"kiosk_firmware.machines.{base.name}.build")
    return packs_of(name, toml(_newest(_own(base, build, "rulepack.toml"))))


def rules(name: str) -> Any:
    """Return the machine's rules that count today. Raises as `packs`, and LookupError before every pack."""
    return valid_on(packs(name), today()).rules


def packs_of(name: str, decoded: Mapping[str, Any]) -> Packs[Any]:
    """Decode the machine's dated rules from another file than its own. Raises ValueError as `packs`."""
    build = importlib.import_module(f"kiosk_firmware.machines.{folder(name).name}.build")
    made: Packs[Any] = _decode(decoded, build.PACKS, "rulepack.toml")
    return made


def place_of_packs(name: str) -> Path:
    """Return where the machine's dated rules stand, from the top of this package: in its own folder or in a kit's."""
    base = folder(name)
    build = importlib.import_module(f"kiosk_firmware.machines.{base.name}.build")
    return _own(base, build, "rulepack.toml").relative_to(PACKAGE)


def _replaced(struct: Any, fields: Mapping[str, Any]) -> Any:
    return msgspec.convert({**msgspec.structs.asdict(struct), **fields}, type(struct)) if fields else struct


def _kit(build: Any) -> tuple[Path, ...]:
    """Return the kit's folder that the machine shares with others, where it does (`SHARED`)."""
    shared = getattr(build, "SHARED", "")
    return (PACKAGE / shared,) if shared else ()


def content_hash(*folders: Path) -> str:
    """Return twelve hex digits over every file of a machine's folders; another hash never replays an old journal."""
    import hashlib  # a few ms that the first frame has no need of

    digest = hashlib.sha256()
    for path in sorted(p for base in folders for p in base.iterdir() if p.suffix in (".py", ".toml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def walks(name: str) -> tuple[Walk, ...]:
    """Return the machine's small worlds."""
    path = folder(name) / "walk.toml"
    return tuple(_decode(data, Walk, path.name) for data in toml(path)["world"])


__all__ = [
    "MACHINES",
    "PLACES",
    "CatalogueEntry",
    "ErrandPlace",
    "LoadedMachine",
    "Walk",
    "content_hash",
    "describe",
    "entry",
    "folder",
    "lessons",
    "load",
    "machine_texts",
    "names",
    "packs",
    "personas",
    "place",
    "skins",
    "start_event",
    "toml",
    "walks",
    "with_fault",
    "with_linked_machines",
]
