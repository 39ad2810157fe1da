"""The settings of the stories' unit."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from deploy.unit import unit_kinds
from hardware.drivers.settings.cards import Pn532
from hardware.drivers.settings.hardware_settings import DeviceTables, full_cabinet
from hardware.drivers.settings.notes import EsspNotes, EsspPayout
from hardware.drivers.settings.scanners import ScannerSettings
from kiosk_firmware.core.media import PHONE
from kiosk_firmware.settings import unit_toml as settings
from kiosk_firmware.settings.session_limits import SessionLimits
from kiosk_firmware.wire.broker_settings import BrokerSettings, Telemetry
from screens.media.voice import VoiceSettings

METRO_TAG, METRO_CARD = "04a1b2c3", "9900000000002101"
"""The tag that stands for the practised person's metro card."""


def unit_toml(
    folder: Path,
    port: int = 1,
    count_ms: int = 0,
    line_ms: int = 1,
    machines: tuple[str, ...] = (),
    seen: bool = False,
    recycler: bool = False,
    scanner: bool = False,
    tickets: bool = False,
    gate: bool = False,
    purse: bool = False,
    pad: bool = False,
    visits: bool = False,
    phone: bool = False,
) -> Path:
    """A desk's unit without the pauses for realism; nobody is hurried, nobody is helped unasked. `seen`: its glass is
    always pictured. `recycler`: notes go into one and come out of it, instead of validator and tray. `scanner`: it can
    read codes, too. `tickets`: it lets tickets out. `gate`: it is a gate as the workshop wires it, with a
    reader of cards that carry their balance, and nothing else. `purse`: its reader is such a one. `pad`: a phone can be
    held to it. `visits`: it has what stands for a camera, a microphone and an earpiece. `phone`: it
    is a phone as the workshop wires it, its panel upright.
    """
    made = settings.check_settings(tomllib.loads(settings.example("demo")), "demo")
    change = msgspec.structs.replace
    media = dict.fromkeys(("camera", "microphone", "earpiece"), visits)
    more = {"tap_reader": pad, "ticket_dispenser": tickets, **media}
    devices = _desk(made.devices, count_ms, line_ms, [name for name, on in more.items() if on])
    if scanner:
        devices = change(devices, barcode_scanner=ScannerSettings())
    if purse:
        devices = change(devices, card_reader=Pn532(cards={METRO_TAG: METRO_CARD}, purse_sector=1))
    if recycler:
        devices = change(devices, note_acceptor=EsspNotes(), cash_dispenser=EsspPayout())
        made = change(made, money=change(made.money, notes_fen=(1_000, 2_000, 5_000, 10_000)))
    kind = "gate" if gate else "phone" if phone else (machines or (made.unit.kind,))[0]
    if gate or phone:
        devices = _wired(kind, devices)
    if phone:
        made = change(made, screen=change(made.screen, width=720, height=1280))
    unit = change(made.unit, id="jia-atm-01", site="jia", machines=machines, kind=kind)
    quick = Telemetry(spread_s=0, resend_s=1, rate=2000, health_s=1, glass_always=seen)
    made = change(
        made,
        unit=unit,
        devices=devices,
        turn=SessionLimits(minutes=0, idle_seconds=7200, help_seconds=7200),
        telemetry=quick,
        voice=VoiceSettings(on=False),
        broker=BrokerSettings(port=port, retry_s=0.3, keepalive_s=10),
    )
    path = folder / "unit.toml"
    path.write_text(settings.settings_toml(made), encoding="utf-8")
    return path


def _desk(demo: DeviceTables, count_ms: int, line_ms: int, more: list[str]) -> DeviceTables:
    """A full cabinet that does not dawdle, with these of the demo's devices beside it."""
    devices, change = full_cabinet(quick=True), msgspec.structs.replace
    return change(
        devices,
        id_reader=demo.id_reader,
        cash_dispenser=change(devices.cash_dispenser, count_ms=count_ms),
        receipt_printer=change(devices.receipt_printer, line_ms=line_ms),
        **{name: getattr(demo, name) for name in more},
    )


def _wired(kind: str, devices: DeviceTables) -> DeviceTables:
    """The devices of a gate or a phone on the pins of its papers, its serial ones behind twins."""
    own = unit_kinds.unit(kind).devices
    lines = msgspec.structs.replace(DeviceTables(), payment_host=devices.payment_host, pins=devices.pins)
    if kind == "gate":
        card = Pn532(cards={METRO_TAG: METRO_CARD}, purse_sector=1)
        return msgspec.structs.replace(lines, card_reader=card, gate=own.gate)
    pad = Pn532("tty-tap", cards={settings.PHONE_TAG: PHONE})
    return msgspec.structs.replace(
        lines, tap_reader=pad, barcode_scanner=ScannerSettings(), parcel_locker=own.parcel_locker
    )
