"""All that machines ask of hosts, joined: each host's file declares its own asks."""

from __future__ import annotations

from kiosk_firmware.core.hosts.airline import AirlineAsk
from kiosk_firmware.core.hosts.bank import BankAsk
from kiosk_firmware.core.hosts.counter import CounterAsk
from kiosk_firmware.core.hosts.mobile_carrier import PhoneAsk
from kiosk_firmware.core.hosts.rail import RailAsk
from kiosk_firmware.core.hosts.social import SocialAsk
from kiosk_firmware.core.hosts.visit import VisitAsk
from kiosk_firmware.core.hosts.wallet import WalletAsk

Ask = BankAsk | PhoneAsk | RailAsk | AirlineAsk | CounterAsk | WalletAsk | VisitAsk | SocialAsk
