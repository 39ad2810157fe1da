"""Units meet: a phone's code pays what this unit asks, once, within two minutes; and a password on the glass."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cabinet import payment_codes
from hardware.cabinet.peer_payments import PeerPayments
from hardware.drivers.pinpad_glass import PinPadGlass
from hardware.drivers.practice_pin_store import PinStore
from hardware.drivers.settings.hardware_settings import full_cabinet
from hardware.drivers.settings.scanners import ScannerSettings
from hardware.transport.durable_json import DurableJson
from kiosk_firmware.core.effects import AskHost, Cancel, ReadPin
from kiosk_firmware.core.events import BarcodeRead, HostAnswered, PinEntered, PinKeyPressed
from kiosk_firmware.core.hosts.bank import PAID, PayAsked
from kiosk_firmware.core.hosts.wallet import BillsAsked, FreshCodeAsked, SpendAsked
from kiosk_firmware.kits.phone_payment import own_code, paid_order, pay_code, receipt_code
from kiosk_firmware.system.utc_clock import utc_ms
from tests.hardware.pin_rig import CARD, PIN, CabinetRig, Heard

NOW = st.integers(1_700_000_000_000, 2_600_000_000_000)
CHANCE = st.integers(0, 2**32 - 1)
ORDER, FEN = 3, 15_400


@given(NOW, CHANCE, st.integers(0, 119_999))
def test_a_code_is_good_for_two_minutes(now, chance, age):
    code = payment_codes.read_code(own_code(payment_codes.make_code(now, chance)))
    assert code is not None
    assert len(code.digits) == 18
    assert 10 <= int(code.digits[:2]) <= 15
    assert payment_codes.is_fresh(code, now + age)
    assert not payment_codes.is_fresh(code, now + 130_000 + age)


@given(NOW, CHANCE, st.integers(14, 17), st.integers(1, 9))
def test_a_wrong_check_figure_is_no_code(now, chance, at, by):
    digits = payment_codes.make_code(now, chance)
    other = digits[:at] + str((int(digits[at]) + by) % 10) + digits[at + 1 :]
    assert payment_codes.read_code(own_code(other)) is None


@given(st.text(max_size=60))
def test_other_texts_are_no_codes(text):
    assert payment_codes.read_code(text) is None


@given(st.integers(0, 999_999_999), st.integers(0, 999_999_999), NOW, CHANCE)
def test_what_is_shown_is_what_is_read(order, fen, now, chance):
    assert paid_order(pay_code(order, fen)) == (order, fen)
    digits = payment_codes.make_code(now, chance)
    assert payment_codes.read_code(receipt_code(str(order), fen, digits)) == payment_codes.PaymentCode(
        digits, order, fen
    )


@given(NOW, CHANCE)
def test_only_what_has_a_code_gets_a_new_one(now, chance):
    assert payment_codes.stamp_answer(FreshCodeAsked(0, "1"), now, chance) == FreshCodeAsked(
        0, payment_codes.make_code(now, chance)
    )
    assert payment_codes.stamp_answer(SpendAsked(1, receipt="1"), now, chance).receipt == payment_codes.make_code(
        now, chance
    )
    for ask in (FreshCodeAsked(), SpendAsked(1), BillsAsked(), PayAsked("phone", 1)):
        assert payment_codes.stamp_answer(ask, now, chance) is ask


class Till:
    """A page that waits for `due`, its meeting, and what both did."""

    def __init__(self, folder):
        self.due, self.now, self.paid, self.told = (ORDER, FEN), 1_790_000_000_000, [], []
        self.memory = DurableJson(folder / "cabinet.json")
        self.again()

    def again(self):
        """The process is another one."""
        self.meeting = PeerPayments(lambda: self.due, self._pay, self.memory, lambda: self.now, self.told.append)

    def _pay(self, order, fen):
        self.paid.append((order, fen))
        return True

    def word(self, text):
        """What came of showing it; "" where it was let through."""
        event = BarcodeRead("barcode_scanner", text)
        return "" if self.meeting.heard(event) is event else self.told[-1].word


@pytest.fixture
def till(tmp_path):
    return Till(tmp_path)


def test_a_code_is_taken_once_also_over_a_restart(till):
    text = own_code(payment_codes.make_code(till.now, 5))
    assert till.word(text) == "taken"
    assert till.word(text) == "used"
    till.again()
    assert till.word(text) == "used"
    assert till.paid == [(ORDER, FEN)]
    assert text[-18:] not in repr(till.told), "the office never hears the figures"


def test_an_old_code_and_a_receipt_for_something_else_pay_nothing(till):
    assert till.word(own_code(payment_codes.make_code(till.now - 150_000, 5))) == "old"
    assert till.word(receipt_code(str(ORDER), FEN - 1, payment_codes.make_code(till.now, 6))) == "foreign"
    assert till.word(receipt_code(str(ORDER + 1), FEN, payment_codes.make_code(till.now, 7))) == "foreign"
    assert till.paid == []
    assert till.word(receipt_code(str(ORDER), FEN, payment_codes.make_code(till.now, 8))) == "taken"


def test_nothing_is_taken_that_nobody_waits_for(till):
    text = own_code(payment_codes.make_code(till.now, 5))
    till.due = None
    assert till.meeting.slots() == frozenset()
    assert till.word(text) == ""
    till.due = (ORDER, FEN)
    assert till.meeting.slots() == {"barcode_scanner"}
    assert till.word("kiosk-practice:x") == ""


def test_another_units_code_pays_through_the_scanner(tmp_path):
    """On the cabinet with its scanner's twin: the page names no scanner, the machine hears only that it was paid."""
    told = []

    def host(effect):
        return HostAnswered(effect.at, effect.ref, "ok", effect.ask) if effect.ref == PAID else None

    devices = msgspec.structs.replace(full_cabinet(quick=True), barcode_scanner=ScannerSettings())
    with CabinetRig(tmp_path, devices, on_met=told.append) as rig:
        rig.cabinet.host(host)
        rig.cabinet.expect(("payment_host",))
        rig.cabinet.perform(AskHost("payment_host", "phone", PayAsked("phone", ORDER, FEN, "railway")))
        text = own_code(payment_codes.make_code(utc_ms(), 9))
        rig.until(lambda: rig.do("show_code", text=text) and rig.all(HostAnswered))
        assert rig.all(HostAnswered)[0].verdict == "ok"
        assert [met.word for met in told] == ["taken"]
        assert rig.all(BarcodeRead) == []


class Pad(Heard):
    """A telephone's pad whose card has a PIN."""

    def __init__(self, folder):
        super().__init__()
        PinStore(folder).set(CARD, PIN)
        self.pad = PinPadGlass(folder, self.post)

    def typed(self, keys):
        self.events.clear()
        self.pad.perform(ReadPin("pin_pad", "pin~1", CARD, on="glass"))
        for key in keys:
            self.pad.press(key)
        return [event.verdict for event in self.all(PinEntered)]


def test_a_password_on_the_glass(tmp_path):
    pad = Pad(tmp_path)
    assert pad.typed(PIN) == ["right"]
    assert pad.typed("246801") == ["wrong"]
    assert pad.typed(PIN[:5]) == []
    assert pad.typed("12C" + PIN) == ["right"]
    counts = [event.count for event in pad.all(PinKeyPressed)]
    assert counts == [1, 2, 0, 1, 2, 3, 4, 5, 6]
    told = b"".join(msgspec.json.encode(event) for event in pad.events)
    assert PIN.encode() not in told
    pad.events.clear()
    pad.pad.press("1")
    assert pad.events == [], "outside an entry a key means nothing"


def test_a_password_is_called_off(tmp_path):
    pad = Pad(tmp_path)
    pad.typed("12")
    pad.pad.perform(Cancel("pin_pad", "pin~1"))
    assert [(event.verdict, event.completion) for event in pad.all(PinEntered)] == [("none", "canceled")]
