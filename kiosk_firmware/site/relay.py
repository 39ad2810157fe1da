"""`kiosk relay`: one uplink for a site, between its own broker and the central one, that keeps nothing.

What units say is said again above, what the office answers is said again below. A fact stays with its unit until the
office's own acknowledgement has come all the way down, so the relay is one more wire and no second memory that could
be lost: killed at any moment, or cut off for a month, it owes nobody anything. While the uplink is down it says in the
office's name that nobody stores, and the units wait instead of shouting.

Words of a real visit's ends go both ways like the rest and are not kept either: late ones are worth nothing, as a line
that was offered a while ago is nobody's any more. What the office must hear of a visit whatever happens its unit says
again as soon as the office is there again (`visit.wire.agent_bridge`).

A bridge between brokers would do it, too, but queues a thousand messages silently and forgets them in a crash.
"""

from __future__ import annotations

import argparse
import logging
import signal
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kiosk_firmware.site.revocation_lists import Lists
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings, broker_of, with_certificates
from kiosk_firmware.wire.messages import ENCODE, Central
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage, Will

TURN_S = 0.02
QUICK = ("health", "glass", "now", "log")
"""Latest wins: said once, never again."""


class SiteRelay:
    """Two connections, turned in one thread."""

    def __init__(self, site: str, local: BrokerSettings, central: BrokerSettings) -> None:
        """Take the two brokers; nothing is opened yet."""
        self.passed_up = self.passed_down = 0
        self._told: Central | None = None
        self._word: Central | None = None
        name = f"relay-{site}"
        self.local = BrokerLink(
            local,
            name,
            (*topics.office_filters(site), *topics.call_filters(site)),
            self._from_below,
            will=lambda: _will(Central(False, now_ms())),
            on_up=lambda _: self._forget_told(),
            manual_ack=True,
        )
        self.central = BrokerLink(central, name, topics.relay_filters(site), self._from_above, manual_ack=True)

    def turn(self) -> None:
        """Move bytes both ways for a moment, and say below whether the office stores."""
        self.local.turn(TURN_S)
        self.central.turn(TURN_S)
        online = self.central.up and self._word is not None and self._word.online
        if self.local.up and (self._told is None or self._told.online != online):
            self._told = Central(online, now_ms())
            self.local.publish(topics.CENTRAL, ENCODE(self._told), retain=True)

    def _forget_told(self) -> None:
        self._told = None

    def _from_below(self, message: MqttMessage) -> None:
        """Say a message again above; what cannot be now, its unit says again later."""
        address = topics.parse(message.topic)
        if address is not None and self.central.up:
            quick = address.channel in QUICK
            retain = address.channel == "status"
            self.passed_up += self.central.publish(message.topic, message.payload, 0 if quick else 1, retain)
        self.local.settle(message)

    def _from_above(self, message: MqttMessage) -> None:
        """Say a message again below; a command that is not heard there is sent again when its unit comes back."""
        if message.topic == topics.CENTRAL:
            self._word = msgspec.json.decode(message.payload, type=Central)
        elif self.local.up:
            self.passed_down += self.local.publish(message.topic, message.payload)
        self.central.settle(message)

    def close(self) -> None:
        """Say below that nobody stores any more, and leave both in order; twice is fine."""
        self.central.close()
        self.local.close(_will(Central(False, now_ms())))


def _will(word: Central) -> Will:
    return Will(topics.CENTRAL, ENCODE(word))


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk relay --site ID --local HOST:PORT --central HOST:PORT [--ca --cert --key]` until SIGTERM or SIGINT.

    Its name at both brokers is `relay-SITE`, also on its certificate.

    Returns:
        The exit code: 0 after an orderly end.

    Raises:
        ValueError: the site is no id, or a certificate's file is not there.
    """
    chosen = _parser(name).parse_args(arguments)
    if topics.ID.fullmatch(chosen.site) is None:
        raise ValueError(f"--site {chosen.site!r}: allowed are 3 to 32 of a-z, 0-9 and -")
    papers = chosen.ca, chosen.cert, chosen.key
    central = with_certificates(chosen.central, *papers)
    local = with_certificates(chosen.local, *papers) if chosen.local_papers else chosen.local
    lists = _lists(chosen)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, _frame: stop.append(signum))
    relay = SiteRelay(chosen.site, local, central)
    try:
        if lists:
            lists.start()
        while not stop:
            relay.turn()
    finally:
        relay.close()
        if lists:
            lists.close()
    return 0


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="One uplink for a site; keeps nothing.")
    parser.add_argument("--site", required=True, metavar="ID")
    parser.add_argument(
        "--local", type=broker_of, default=BrokerSettings(), metavar="HOST:PORT", help="the site's own broker"
    )
    parser.add_argument("--central", type=broker_of, required=True, metavar="HOST:PORT", help="the office's broker")
    for paper in ("ca", "cert", "key"):
        parser.add_argument(f"--{paper}", default="", metavar="FILE", help="for the office's broker (PEM)")
    parser.add_argument("--desk", default="", metavar="HOST:PORT", help="the office's enrolment desk: for --lists")
    parser.add_argument(
        "--lists", type=Path, metavar="DIR", help="the site's own broker's folder, whose revocation list is kept new"
    )
    parser.add_argument("--local-papers", action="store_true", help="the site's own broker asks for them, too")
    return parser


def _lists(chosen: argparse.Namespace) -> Lists | None:
    """Return what keeps the revocation list of the site's own broker new, if wanted. Raises ValueError: half of it
    is.
    """
    if not chosen.lists and not chosen.desk:
        return None
    if not (chosen.lists and chosen.desk and chosen.ca):
        raise ValueError("--lists, --desk and --ca go together: the broker's folder, the office's desk and root")
    return Lists(chosen.lists, Path(chosen.ca), chosen.desk)
