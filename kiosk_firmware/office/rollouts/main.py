"""`kiosk office update …`: put new systems and content on the shelf, serve it to units, order and stop roll-outs.

All of it works on the office's folder, with the office running or not; its clerk takes the next step within seconds.
What strikes more than one site waits for a second person on the office's page, whoever orders it here.
"""

from __future__ import annotations

import argparse
import getpass
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.office.rollouts.bundle_store import BundleStore, Kind
from kiosk_firmware.office.rollouts.rollout_plans import RolloutPlan, Rollouts
from kiosk_firmware.system.utc_clock import utc_ms

STATE = Path("var/office")
PORT = 8444
Act = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str]) -> int:
    """See the file's head. Returns the exit code: 0 done, 1 found wanting.

    Raises:
        ValueError, LookupError: a wrong word or file; names it and what is allowed.
    """
    chosen = _parser().parse_args(arguments)
    act: Act = chosen.act
    return act(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk office update", description="New systems and new content for units.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--state", type=Path, default=STATE, metavar="DIR", help="the office's folder")
    one = verbs.add_parser("add", parents=[common], help="put a bundle (.raucb) or content (.kcontent) on the shelf")
    one.add_argument("file", type=Path)
    one.set_defaults(act=_add)
    verbs.add_parser("list", parents=[common], help="what lies there, and the roll-outs").set_defaults(act=_list)
    one = verbs.add_parser("serve", parents=[common], help="let units fetch it, over HTTPS by their certificates")
    one.add_argument("--listen", default="0.0.0.0", metavar="ADDRESS")
    one.add_argument("--port", type=int, default=PORT)
    one.set_defaults(act=_serve)
    one = verbs.add_parser("start", parents=[common], help="order a version for units, in waves")
    one.add_argument("kind", choices=get_args(Kind))
    one.add_argument("version")
    one.add_argument("--unit", action="append", default=[], metavar="ID", help="for this one (repeatable)")
    one.add_argument("--site", action="append", default=[], metavar="ID", help="for this site's (repeatable)")
    one.add_argument("--canary", type=int, default=1, metavar="N", help="units of the first wave")
    one.add_argument("--shares", default="10,50,100", metavar="P,P", help="the next waves, in percent of all")
    one.add_argument("--window", default="", metavar="'HH:MM HH:MM'", help="of UTC+8 (default: the units' usual one)")
    one.add_argument("--database", default="", metavar="URL", help="postgresql://… instead of a file in DIR")
    one.add_argument("--why", required=True)
    one.set_defaults(act=_start)
    one = verbs.add_parser("stop", parents=[common], help="stop a roll-out; who has installed nothing yet leaves it")
    one.add_argument("id", type=int)
    one.add_argument("--why", required=True)
    one.set_defaults(act=_stop)
    return parser


def _add(chosen: argparse.Namespace) -> int:
    made = BundleStore(chosen.state).add(chosen.file, utc_ms())
    print(f"{made.kind} {made.version}, {made.size} bytes, {made.sha256[:12]}")
    return 0


def _list(chosen: argparse.Namespace) -> int:
    for one in BundleStore(chosen.state).all():
        print(f"{one.kind:<8} {one.version:<12} {one.size:>12} bytes")
    people = AccountService(chosen.state)
    try:
        rollouts = Rollouts(people.db, people.proposals, utc_ms)
        for rollout in rollouts.all():
            stages = Counter(one.stage for one in rollouts.targets(rollout.id))
            said = ", ".join(f"{count} {stage}" for stage, count in sorted(stages.items()))
            print(f"{rollout.id:>4} {rollout.kind} {rollout.version} {rollout.state}: {said}")
    finally:
        people.close()
    return 0


def _serve(chosen: argparse.Namespace) -> int:
    from kiosk_firmware.office.pki.enrolment_server import listen
    from kiosk_firmware.office.rollouts import download_server

    place, bundles = TrustFolder(chosen.state), BundleStore(chosen.state)
    server = download_server.server(bundles, place)
    listening = listen(chosen.listen, chosen.port)
    bundles.served(f"{place.site().host}:{listening.getsockname()[1]}")
    print(f"https://{bundles.address}/", file=sys.stdout, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run(sockets=[listening])
    return 0


def _who() -> SignedInUser:
    """Return who orders: whoever may run commands on the office's machine; the audit says that it was done there."""
    return SignedInUser(f"shell-{getpass.getuser()}"[:32], "administrator")


def _start(chosen: argparse.Namespace) -> int:
    what = BundleStore(chosen.state).one(chosen.kind, chosen.version)
    views = Queries(chosen.database or chosen.state / "office.db")
    known = {row.unit: row.site for row in views.known_units()}
    if unknown := set(chosen.unit) - set(known):
        raise LookupError(f"--unit {', '.join(sorted(unknown))}: the office has never heard of it")
    wanted = {unit: site for unit, site in known.items() if unit in chosen.unit or site in chosen.site}
    plan = RolloutPlan(canary=chosen.canary, shares=tuple(map(int, chosen.shares.split(","))), window=chosen.window)
    people = AccountService(chosen.state)
    try:
        made = Rollouts(people.db, people.proposals, utc_ms).make(_who(), what, wanted, plan, chosen.why)
    finally:
        people.close()
    waits = "; it waits for a second person, on the office's page" if made.state == "proposed" else ""
    print(f"roll-out {made.id}: {made.kind} {made.version} for {len(wanted)} units{waits}")
    return 0


def _stop(chosen: argparse.Namespace) -> int:
    people = AccountService(chosen.state)
    try:
        done = Rollouts(people.db, people.proposals, utc_ms).stop(chosen.id, _who().name, chosen.why)
    finally:
        people.close()
    if not done:
        print(f"roll-out {chosen.id}: there is none that goes", file=sys.stderr)
    return 0 if done else 1
