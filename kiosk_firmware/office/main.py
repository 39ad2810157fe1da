"""`kiosk office`: the office process with the catalogue's names for machines and lessons.

Names are read from the machines' text files; no machine's rules are imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from kiosk_firmware import catalogue
from kiosk_firmware.core.pages import Text
from kiosk_firmware.office import metrics, proof, serve, verify
from kiosk_firmware.office.names import Names, from_catalogue


def main(name: str, arguments: Sequence[str]) -> int:
    """See `serve.main`, `verify.main` for `kiosk office verify`, `people.main` for `init | audit`, `trust.main` for
    `ca | enrol`, `updates.main` for `update`, `carrying.main` for `import`, and `proof.main` for `proof`; `name` is the
    subcommand's: `kiosk board` is an office that only listens.
    """
    if arguments and arguments[0] in ("ca", "enrol"):
        from kiosk_firmware.office.trust import main as trust

        return trust.main(arguments[0], arguments[1:])
    if arguments and arguments[0] in ("init", "audit"):
        from kiosk_firmware.office.people import main as people

        return people.main(arguments[0], arguments[1:])
    if list(arguments[:1]) == ["update"]:
        from kiosk_firmware.office.updates import main as updates

        return updates.main(arguments[1:])
    if list(arguments[:1]) == ["verify"]:
        return verify.main(arguments[1:], names())
    if list(arguments[:1]) == ["import"]:
        from kiosk_firmware.office import carrying

        return carrying.main(arguments[1:])
    if list(arguments[:1]) == ["metrics"]:
        return metrics.main(arguments[1:])
    if list(arguments[:1]) == ["proof"]:
        return proof.main(arguments[1:])
    return serve.main(("--listen", *arguments) if name == "board" else arguments, names())


def names() -> Names:
    """What machines, lessons and steps are called, in every language that the catalogue has."""
    return msgspec.structs.replace(
        from_catalogue(catalogue.describe()), lessons=dict(_lessons()), steps=dict(_steps()),
        skills={entry.id: catalogue.skills(entry.id) for entry in catalogue.describe()},
    )


def _steps() -> Iterator[tuple[str, dict[str, str]]]:
    for entry in catalogue.describe():
        words = catalogue.words(entry.id)
        for key in sorted(words.keys("zh")):
            if key.startswith("step."):
                named = {one: words.write(Text(key), one) for one in catalogue.LANGUAGES}
                yield f"{entry.id}/{key.removeprefix('step.')}", named


def _lessons() -> Iterator[tuple[str, dict[str, str]]]:
    for entry in catalogue.describe():
        words = catalogue.words(entry.id)
        for lesson in catalogue.lessons(entry.id):
            title = Text(f"lesson.{lesson.id}.title")
            yield f"{entry.id}/{lesson.id}", {one: words.write(title, one) for one in catalogue.LANGUAGES}
