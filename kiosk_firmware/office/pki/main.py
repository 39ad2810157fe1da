"""`kiosk office ca …` founds and keeps the authority; `kiosk office enrol …` is the enrolment desk's command line."""

from __future__ import annotations

import argparse
import getpass
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from kiosk_firmware.office.pki import batch_enrolment, certificate_authority
from kiosk_firmware.office.pki.content_bundle import gather_content
from kiosk_firmware.office.pki.trust_folder import DESK, TrustFolder, collector_name
from kiosk_firmware.office.pki.unit_register import ID, Register
from kiosk_firmware.office.settings import SETTINGS, read_settings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.wire import certificates, private_keys
from kiosk_firmware.wire.broker_config import BOARD, RELAY
from kiosk_firmware.wire.enrolment_messages import (
    ASKED,
    CARD,
    CONTENT,
    ENCODE,
    WANTED,
    Apply,
    Grant,
    Introduction,
    Refused,
    WantedConfig,
    scanned_fingerprint,
)

Act = Callable[[argparse.Namespace, TrustFolder], int]
STATE = Path("var/office")


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `ca` or `enrol`, as `name` says. Returns the exit code: 0 done, 1 found wanting.

    Raises:
        ValueError, LookupError: a wrong word; names it and what is allowed.
    """
    chosen = {"ca": _ca, "enrol": _enrol}[name]().parse_args(arguments)
    act: Act = chosen.act
    return act(chosen, TrustFolder(chosen.state))


class _Words:
    """A parser with one word a verb."""

    def __init__(self, name: str, about: str) -> None:
        self.parser = argparse.ArgumentParser(prog=f"kiosk office {name}", description=about)
        self._verbs = self.parser.add_subparsers(dest="verb", required=True)

    def verb(self, name: str, act: Act, about: str, *places: str) -> argparse.ArgumentParser:
        made = self._verbs.add_parser(name, help=about, description=about)
        made.add_argument("--state", type=Path, default=STATE, metavar="DIR", help="the office's folder")
        for place in places:
            made.add_argument(place)
        made.set_defaults(act=act)
        return made


# -- the authority


def _ca() -> argparse.ArgumentParser:
    words = _Words("ca", "The office's certificate authority.")
    for name, act, about in (("init", _init, "found it"), ("renew", _renew, "a new issuing certificate, by the root")):
        made = words.verb(name, act, about)
        made.add_argument("--root", type=Path, required=True, metavar="STICK", help="where the root's key lies")
        made.add_argument("--passphrase-file", type=Path, metavar="FILE", help="instead of being asked")
    words.verb("show", _show, "what it is, and until when")
    made = words.verb("broker", _broker, "certificate, key, access list and configuration of the broker")
    made.add_argument("host", nargs="+", help="its name or address as units reach it; others after it")
    made.add_argument("--port", type=int, default=8883)
    made.add_argument("--listen", default="", metavar="ADDRESS", help="one address only")
    made.add_argument("--site", default="", metavar="ID", help="it is this site's own broker, under a `kiosk relay`")
    made.add_argument("--out", type=Path, required=True, metavar="DIR", help="such as /etc/mosquitto/kiosk")
    parts = f"office-collector, office-calls, office-board-SITE, relay-SITE, {DESK}"
    made = words.verb("paper", _certificate, f"key and certificate of a part of the office: {parts}", "name")
    made.add_argument("--sites", default="", metavar="ID,ID", help="an office-collector of these sites only")
    made.add_argument("--out", type=Path, required=True, metavar="DIR")
    return words.parser


def _passphrase(chosen: argparse.Namespace) -> str:
    if chosen.passphrase_file:
        return str(chosen.passphrase_file.read_text(encoding="utf-8").strip())
    return getpass.getpass("Passphrase of the root's key: ")


def _init(chosen: argparse.Namespace, place: TrustFolder) -> int:
    certificate_authority.found_authority(place.folder, chosen.root, _passphrase(chosen), now_ms())
    print(f"Founded. Now take {chosen.root} out and lock it away; only `kiosk office ca renew` needs it again.")
    return 0


def _renew(chosen: argparse.Namespace, place: TrustFolder) -> int:
    made = certificate_authority.renew_issuing(place.folder, chosen.root, _passphrase(chosen), now_ms())
    made.revoke(Register(place.folder / "trust.db").revoked(), now_ms())
    print("A new issuing certificate. Make the broker's papers anew: kiosk office ca broker …")
    return 0


def _show(chosen: argparse.Namespace, place: TrustFolder) -> int:
    made = place.authority
    for name, text in (("root", made.root), ("issuing", made.issuing)):
        one = certificates.certificates(text)[0]
        print(
            f"{name:<8} {private_keys.fingerprint(certificates.public(one))} until {one.not_valid_after_utc:%Y-%m-%d}"
        )
    return 0


def _broker(chosen: argparse.Namespace, place: TrustFolder) -> int:
    made = place.set_up_broker(chosen.host, chosen.port, chosen.out, chosen.listen, _ids(chosen.site)[0])
    if Path(made.folder).stat().st_uid == 0:
        print("That folder is root's alone, so Mosquitto will run as root; better is --out /etc/mosquitto/kiosk.")
    print(f"Start it with: mosquitto -c {made.folder}/mosquitto.conf")
    return 0


def _certificate(chosen: argparse.Namespace, place: TrustFolder) -> int:
    name, sites = chosen.name, _ids(chosen.sites) if chosen.sites else ()
    if start := next((one for one in (RELAY, BOARD) if name.startswith(one)), ""):
        sites = _ids(name.removeprefix(start))
        if len(sites) > 1 or not sites[0]:
            raise ValueError(f"{name!r}: allowed is {start}SITE, one site")
    elif name == BOARD.rstrip("-"):
        raise ValueError(f"{name!r}: allowed is {BOARD}SITE, one class board a site")
    elif sites and name == "office-collector":
        name = collector_name(",".join(sites))
    elif sites:
        raise ValueError(f"--sites {chosen.sites}: allowed with office-collector")
    if not sites:
        place.certificate(name, chosen.out)
    elif not place.part(name, sites, chosen.out):
        print("The broker does not run here; it knows this name from its next start on.")
    print(f"{chosen.out / name}.pem and .key")
    return 0


def _ids(text: str) -> tuple[str, ...]:
    """Parse sites' ids. Raises ValueError: one is none."""
    found = tuple(one.strip() for one in text.split(","))
    if text and not all(ID.fullmatch(one) for one in found):
        raise ValueError(f"{text!r}: allowed are sites' ids, 3 to 32 of a-z, 0-9 and -, a comma between")
    return found


# -- the desk


def _enrol() -> argparse.ArgumentParser:
    words = _Words("enrol", "Who may become a unit, and who no longer is one.")
    made = words.verb("code", _code, "a one-time code to type", "unit", "site")
    made.add_argument("--kind", default="atm")
    made.add_argument("--hours", type=float, default=24)
    made = words.verb("batch", _batch, "enrolment files and labels of a list", "list")
    replaced = words.verb("replace", _replace, "an enrolment file for a new board in an old unit's place", "unit")
    for one in (made, replaced):
        one.add_argument("--out", type=Path, required=True, metavar="DIR")
        one.add_argument("--desk", default="", metavar="HOST:PORT", help="of `serve`; without it a stick is carried")
        one.add_argument("--hours", type=float, default=24)
    made = words.verb("card", _card, "what every card carries: the desk and the root, no secret")
    made.add_argument("--out", type=Path, required=True, metavar="DIR", help="a card's first partition")
    made.add_argument("--desk", required=True, metavar="HOST:PORT")
    made.add_argument("--no-practice", action="store_true", help="nobody practises before the unit is trusted")
    words.verb("list", _list, "every unit and its certificate")
    words.verb("waiting", _list_waiting, "who asks without a code")
    about = "say who waits there, after comparing the digits (or scanning the code on its glass)"
    words.verb("admit", _admit, about, "fingerprint", "unit")
    made = words.verb("revoke", _revoke, "take a unit's trust back; its live session ends", "unit")
    made.add_argument("--why", required=True)
    words.verb("sign", _sign, "answer the applications on a stick", "stick")
    made = words.verb("config", _config, "sign a unit.toml that a unit shall have", "unit", "file")
    made.add_argument("--version", type=int, required=True, help="above every earlier one of this unit")
    made.add_argument("--out", type=Path, required=True, metavar="FILE")
    made = words.verb("content", _content, "sign a folder of lessons, rules, texts, voices for every unit", "folder")
    made.add_argument("--version", type=int, required=True, help="above every earlier one")
    made.add_argument("--out", type=Path, required=True, metavar="FILE.kcontent")
    made = words.verb("serve", _serve, "the desk on the network, over HTTPS")
    made.add_argument("--listen", default="0.0.0.0", metavar="ADDRESS")
    made.add_argument("--port", type=int, default=8443)
    return words.parser


def _register(place: TrustFolder) -> Register:
    _ = place.authority  # else a mistyped --state would be an office of its own, whose codes nobody takes
    return Register(place.folder / "trust.db")


def _code(chosen: argparse.Namespace, place: TrustFolder) -> int:
    batch_enrolment.kind_of(chosen.kind)
    register = _register(place)
    unit = register.expect(chosen.unit, chosen.site, chosen.kind, now_ms())
    print(register.code(unit.id, now_ms(), lasts_ms=round(chosen.hours * 3_600_000)))
    return 0


def _batch(chosen: argparse.Namespace, place: TrustFolder) -> int:
    listed, told = batch_enrolment.rows(Path(chosen.list)), read_settings(chosen.state / SETTINGS)
    sheet = batch_enrolment.write(place, _register(place), listed, chosen.out, chosen.desk, chosen.hours, told)
    print(f"{len(listed)} enrolment files in {chosen.out}; labels to print: {sheet}")
    return 0


def _replace(chosen: argparse.Namespace, place: TrustFolder) -> int:
    register = _register(place)
    path = batch_enrolment.file(
        place, register, register.unit(chosen.unit), chosen.out, chosen.desk, chosen.hours, replaces=True
    )
    print(f"{path}: the old board is shut out when the new one has used it")
    return 0


def _card(chosen: argparse.Namespace, place: TrustFolder) -> int:
    made = Introduction(chosen.desk, place.authority.root, not chosen.no_practice)
    path = chosen.out / CARD
    write_whole(path, ENCODE(made), 0o644)
    print(f"{path}: units with it come to the waiting room, or take a code on their glass")
    return 0


def _list(chosen: argparse.Namespace, place: TrustFolder) -> int:
    register = _register(place)
    for unit in register.units():
        ends = max((until for _, until in register.standing(unit.id, now_ms())), default=0)
        until = f"until {certificate_authority.moment(ends):%Y-%m-%d}" if ends else "no certificate"
        print(f"{unit.id:<24} {unit.site:<16} {unit.kind:<10} {unit.state:<9} {until}")
    return 0


def _list_waiting(chosen: argparse.Namespace, place: TrustFolder) -> int:
    for fingerprint, unit, serial, peer, asked in _register(place).waiting():
        since = f"{certificate_authority.moment(asked):%H:%M:%S}"
        print(f"{fingerprint}  {unit or '?':<24} board {serial or '?'} from {peer}, {since}")
    return 0


def _admit(chosen: argparse.Namespace, place: TrustFolder) -> int:
    _register(place).admit(scanned_fingerprint(chosen.fingerprint), chosen.unit)
    return 0


def _revoke(chosen: argparse.Namespace, place: TrustFolder) -> int:
    stood = place.desk().revoke(chosen.unit, chosen.why)
    print(f"{chosen.unit}: {stood} certificates revoked, session ended")
    return 0


def _sign(chosen: argparse.Namespace, place: TrustFolder) -> int:
    desk, wrong = place.desk(), 0
    for path in sorted(Path(chosen.stick).glob("*.ask.json")):
        try:
            ask = ASKED.decode(path.read_bytes())
            answer = desk.carried(ask) if isinstance(ask, Apply) else Refused("not an application")
        except msgspec.DecodeError as error:
            answer = Refused(f"no message: {error}")
        write_whole(path.with_name(path.name.replace(".ask.", ".answer.")), ENCODE(answer))
        wrong += not isinstance(answer, Grant)
        print(f"{path.name}: {'granted' if isinstance(answer, Grant) else answer}")
    return 1 if wrong else 0


def _config(chosen: argparse.Namespace, place: TrustFolder) -> int:
    unit = _register(place).unit(chosen.unit)
    wanted = WantedConfig(unit.id, chosen.version, Path(chosen.file).read_text(encoding="utf-8"))
    write_whole(chosen.out, place.seal(WANTED, wanted), 0o644)
    print(f"{chosen.out}: on the unit, kiosk config apply")
    return 0


def _content(chosen: argparse.Namespace, place: TrustFolder) -> int:
    made = gather_content(Path(chosen.folder), chosen.version)
    write_whole(chosen.out, place.seal(CONTENT, made), 0o644)
    counts = f"{len(made.lessons)} lessons, {len(made.packs)} rule packs, {len(made.texts)} texts"
    print(f"{chosen.out}: {counts}, {len(made.voices)} voice files")
    return 0


def _serve(chosen: argparse.Namespace, place: TrustFolder) -> int:
    from kiosk_firmware.office.pki import enrolment_server

    certificate, key = place.desk_papers()
    listening = enrolment_server.listen(chosen.listen, chosen.port)
    print(f"https://{place.site().host}:{listening.getsockname()[1]}/enrol", file=sys.stdout, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    enrolment_server.server(place.desk(), certificate, key).run(sockets=[listening])
    return 0
