"""The `kiosk` command: one line a subcommand, each imported only when it is used.

Exit codes: 0 done, 1 found wanting, 2 wrong use. Errors of settings and of wrong words are one line, never a stack
trace.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from kiosk_firmware.system.utc_clock import AHEAD

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("kiosk_firmware.unit.shell.main", "the screen process of this unit"),
    "agent": ("kiosk_firmware.unit.agent.main", "the network process of this unit"),
    "visit": ("kiosk_firmware.visit.unit.main", "a real visit by video, on a unit that has one now"),
    "carry": (
        "kiosk_firmware.unit.agent.usb_transfer",
        "this unit's facts to the office and its word back, on a stick",
    ),
    "diagnose": (
        "kiosk_firmware.unit.agent.diagnostic_bundle",
        "logs, counters and recordings for a ticket of the office, sealed to it",
    ),
    "service-shell": (
        "kiosk_firmware.unit.agent.service_shell",
        "what root's helper asks before it opens a shell for a ticket of the office",
    ),
    "relay": ("kiosk_firmware.site.relay", "one uplink for a site that has a broker of its own"),
    "office": ("kiosk_firmware.office.process.main", "the central office"),
    "board": ("kiosk_firmware.office.process.main", "the class board on a teacher's laptop, beside the office"),
    "demo": ("kiosk_firmware.tools.demo.main", "everything on this machine, over loopback"),
    "enrol": (
        "kiosk_firmware.unit.enrolment.main",
        "make this unit trusted: by file, code, waiting room or stick; renew, wipe",
    ),
    "erase-learner": (
        "kiosk_firmware.office.process.erase_command",
        "forget a learner at the office and on a site's units",
    ),
    "content": (
        "kiosk_firmware.unit.agent.content_packs",
        "lessons, rules, texts, voices, signed by the office, without a new system",
    ),
    "simulate": (
        "kiosk_firmware.tools.simulation.fleet",
        "many units without screens, over real MQTT, for trying an office",
    ),
    "play": ("kiosk_firmware.tools.play", "a machine by JSON lines: events in, transitions out"),
    "lessons": (
        "kiosk_firmware.tools.authoring.main",
        "check lessons: solvable, graded, texts and facts exist; write one",
    ),
    "new": ("kiosk_firmware.tools.authoring.machine_scaffold", "begin a machine: a folder that passes its tests"),
    "rulepack": ("kiosk_firmware.tools.authoring.main", "check dated rules: overdue packs, sources"),
    "voices": (
        "kiosk_firmware.tools.voice_recording.main",
        "recordings of a native speaker: what is wanting, and recording it",
    ),
    "config": ("kiosk_firmware.unit.agent.config_rollout", "check or show a unit.toml; try one that the office signed"),
    "devices": ("hardware.diagnostics.cli.main", "a unit's devices: list, probe, watch, test, compare"),
    "emulate": ("hardware.twins.control_socket", "the twins of a unit's devices"),
    "bundle": ("kiosk_firmware.tools.offline_bundle", "everything that a unit installs, in one file"),
    "image": ("kiosk_firmware.tools.system_image", "the card of a unit, from its bundle; writes it, too"),
    "system": ("kiosk_firmware.tools.system_image", "an image's system as a signed update"),
    "bench": ("deploy.bench.main", "speed and weight"),
    "mutate": ("deploy.mutation.main", "change the source in one place and ask whether a test notices"),
}
CHECKOUT = ("bench", "mutate")
"""What is in no package."""


def usage() -> str:
    """Return what can be said, a line each."""
    lines = (f"  {name:<9} {what}" for name, (_, what) in COMMANDS.items())
    return "kiosk COMMAND …\n" + "\n".join(lines) + "\nkiosk COMMAND --help tells more."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Each module of COMMANDS has `main(name, arguments) -> int`. ValueError and LookupError are somebody's wrong word or
    setting: their text names it, and is all that is shown. So does an OSError that is about a file.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help"):
        print(usage())
        return 0 if words else 2
    if words[0] not in COMMANDS:
        print(f"kiosk: {words[0]!r} is no command.\n{usage()}", file=sys.stderr)
        return 2
    if ahead := os.environ.get(AHEAD):
        print(f"kiosk {words[0]}: this clock is {ahead} ms ahead of the system's ({AHEAD})", file=sys.stderr)
    try:
        module = importlib.import_module(COMMANDS[words[0]][0])
    except ModuleNotFoundError as error:
        if words[0] not in CHECKOUT or not str(error.name).startswith("deploy"):
            raise
        print(f"kiosk {words[0]}: only in a checkout of the project, as ./kiosk {words[0]}", file=sys.stderr)
        return 2
    try:
        code: int = module.main(words[0], words[1:])
    except (ValueError, LookupError) as error:
        print(f"kiosk {words[0]}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        if error.filename is None:
            raise
        print(f"kiosk {words[0]}: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
