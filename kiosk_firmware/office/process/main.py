"""`kiosk office`: the office process with the catalogue's names for machines and lessons.

Names are read from the machines' text files; no machine's rules are imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Text
from kiosk_firmware.office.database import completeness_proof
from kiosk_firmware.office.fleet import metrics
from kiosk_firmware.office.fleet.display_names import DisplayNames, from_catalogue
from kiosk_firmware.office.learning import certificate_lookup
from kiosk_firmware.office.process import server


def main(name: str, arguments: Sequence[str]) -> int:
    """See `serve.main`, `verify.main` for `kiosk office verify`, `people.main` for `init | audit`, `trust.main` for
    `ca | enrol`, `updates.main` for `update`, `site_office.main` for `up`, `backup.main` for `backup | restore`,
    `carrying.main` for `import`, `diagnostic_tickets.main` for `diagnose`, `rebuild_learning_sums.main` for `sums`, and
    `proof.main` for `proof`; `name` is the subcommand's: `kiosk board` is an office that only listens.
    """
    if arguments and arguments[0] in ("ca", "enrol"):
        from kiosk_firmware.office.pki import main as trust

        return trust.main(arguments[0], arguments[1:])
    if arguments and arguments[0] in ("init", "audit"):
        from kiosk_firmware.office.accounts import main as people

        return people.main(arguments[0], arguments[1:])
    if list(arguments[:1]) == ["update"]:
        from kiosk_firmware.office.rollouts import main as updates

        return updates.main(arguments[1:])
    if arguments and arguments[0] in ("backup", "restore"):
        from kiosk_firmware.office.process import backup

        return backup.main(arguments[0], arguments[1:])
    if list(arguments[:1]) == ["up"]:
        from kiosk_firmware.office.process import site_office

        return site_office.main(arguments[1:])
    if list(arguments[:1]) == ["verify"]:
        return certificate_lookup.main(arguments[1:], names())
    if list(arguments[:1]) == ["import"]:
        from kiosk_firmware.office.ingest import usb_import

        return usb_import.main(arguments[1:])
    if list(arguments[:1]) == ["diagnose"]:
        from kiosk_firmware.office.pki import diagnostic_tickets

        return diagnostic_tickets.main(arguments[1:])
    if list(arguments[:1]) == ["metrics"]:
        return metrics.main(arguments[1:])
    if list(arguments[:1]) == ["sums"]:
        from kiosk_firmware.office.ingest import rebuild_learning_sums

        return rebuild_learning_sums.main(arguments[1:])
    if list(arguments[:1]) == ["proof"]:
        return completeness_proof.main(arguments[1:])
    return server.main(("--listen", *arguments) if name == "board" else arguments, names())


def names() -> DisplayNames:
    """Return what machines, lessons and steps are called, in every language that the catalogue has."""
    return msgspec.structs.replace(
        from_catalogue(machine_loader.describe()),
        lessons=dict(_lessons()),
        steps=dict(_steps()),
    )


def _steps() -> Iterator[tuple[str, dict[str, str]]]:
    for entry in machine_loader.describe():
        words = machine_loader.machine_texts(entry.id)
        for key in sorted(words.keys("zh")):
            if key.startswith("step."):
                named = {one: words.write(Text(key), one) for one in machine_loader.LANGUAGES}
                yield f"{entry.id}/{key.removeprefix('step.')}", named


def _lessons() -> Iterator[tuple[str, dict[str, str]]]:
    for entry in machine_loader.describe():
        words = machine_loader.machine_texts(entry.id)
        for lesson in machine_loader.lessons(entry.id):
            title = Text(f"lesson.{lesson.id}.title")
            yield f"{entry.id}/{lesson.id}", {one: words.write(title, one) for one in machine_loader.LANGUAGES}
