"""The printer's driver against its twin over a pty, and slips as they would look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hardware.drivers.printer_escpos import PrinterEscpos
from hardware.drivers.receipt_layout import lay_out, row, wrap
from hardware.framing.checksums import LocalProtocolError
from hardware.protocols.escpos import Stacked, encode, width
from hardware.protocols.escpos_stream import Picture, Stream
from hardware.twins.escpos import EscposTwin
from kiosk_firmware.core.effects import Document, PrintDocument
from kiosk_firmware.core.events import DeviceBack, DeviceLost, DocumentPrinted, PaperChanged
from kiosk_firmware.core.pages import Text
from tests.hardware.wired import Wired

AT = "receipt_printer"
SLIP = Document(
    "receipt",
    Text("取款凭条"),
    ((Text("金额"), Text("￥1,000.00")), (Text("卡号"), Text("9900 **** 1234"))),
    (Text("请妥善保管，谢谢使用。"),),
)


class QuickPrinter(PrinterEscpos):
    """The driver with shorter patience."""

    POLL_MS, SELDOM_MS, GRACE_MS, EFFECT_MS = 40, 120, 2500, 6000


make: Callable[..., PrinterEscpos] = partial(QuickPrinter, columns=32, line_ms=1)
Printer = Wired[EscposTwin, PrinterEscpos]


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Printer]:
    with Wired(EscposTwin(), make, tmp_path / "printer") as wired:
        yield wired


def do(printer: Printer, ref: str = "receipt") -> DocumentPrinted:
    count = len(printer.all(DocumentPrinted)) + 1
    printer.driver.perform(PrintDocument(AT, ref, SLIP))
    return printer.heard(DocumentPrinted, count)


def test_a_slip_comes_out_as_it_was_laid_out(printer: Printer) -> None:
    assert do(printer) == DocumentPrinted(AT, "receipt", "success", "")
    with printer.served.lock:
        slip = printer.twin.tear_off()
    assert slip is not None
    texts = [line.text for line in slip if line.kind == "text"]
    assert texts == [
        "取款凭条",
        f"金额{' ' * 18}￥1,000.00",
        f"卡号{' ' * 14}9900 **** 1234",
        "-" * 32,
        "请妥善保管，谢谢使用。",
    ]
    title = slip[0]
    assert (title.bold, title.width, title.height, title.align) == (True, 2, 2, "center")
    assert all(not line.bold and line.width == 1 and line.align == "left" for line in slip[1:] if line.kind == "text")
    assert printer.state()["counters"]["cuts"] == 1


@pytest.mark.parametrize(
    ("spoil", "mend", "reason"),
    [
        (lambda twin: twin.set_paper(0), lambda twin: twin.set_paper(2000), "paperOut"),
        (lambda twin: twin.open_cover(True), lambda twin: twin.open_cover(False), "coverOpen"),
        (lambda twin: twin.set_jam(True), lambda twin: twin.set_jam(False), "paperJam"),
    ],
)
def test_what_is_wrong_is_said_and_the_slip_is_not_printed_later(
    printer: Printer, spoil: Callable[[EscposTwin], None], mend: Callable[[EscposTwin], None], reason: str
) -> None:
    with printer.served.lock:
        spoil(printer.twin)
    assert do(printer) == DocumentPrinted(AT, "receipt", "hardwareError", reason)
    with printer.served.lock:
        mend(printer.twin)
    assert printer.state()["slips"] == []
    assert do(printer, "next").completion == "success"
    assert len(printer.state()["slips"]) == 1


def test_paper_that_ends_in_the_middle_of_a_slip(printer: Printer) -> None:
    with printer.served.lock:
        printer.twin.set_paper(4)
    assert do(printer) == DocumentPrinted(AT, "receipt", "hardwareError", "paperOut")
    assert printer.heard(PaperChanged, 2).paper == "out"
    assert printer.state()["held"] == 0, "what was left of the slip waits for the next person"
    with printer.served.lock:
        printer.twin.set_paper(2000)
    assert printer.heard(PaperChanged, 3).paper == "full"
    assert printer.state()["slips"] == []


def test_paper_running_low_and_out_is_told_as_it_happens(printer: Printer) -> None:
    for lines, paper in ((40, "low"), (0, "out"), (2000, "full")):
        with printer.served.lock:
            printer.twin.set_paper(lines)
        printer.until(lambda paper=paper: printer.all(PaperChanged) and printer.all(PaperChanged)[-1].paper == paper)
    assert [event.paper for event in printer.all(PaperChanged)] == ["low", "out", "full"]


def test_a_silent_printer_is_lost_answers_and_comes_back(printer: Printer) -> None:
    with printer.served.lock:
        printer.twin.wire.silent = True
    answer = do(printer)
    assert (answer.completion, answer.reason) == ("hardwareError", "notResponding")
    printer.heard(DeviceLost)
    with printer.served.lock:
        printer.twin.wire.silent = False
    printer.heard(DeviceBack)
    assert do(printer, "again").completion == "success"
    assert len(printer.state()["slips"]) == 1


def test_a_cable_pulled_while_it_prints_is_unknown_and_not_printed_twice(tmp_path: Path) -> None:
    slow = partial(QuickPrinter, columns=32, line_ms=100)
    with Wired(EscposTwin(), slow, tmp_path / "printer") as printer:
        printer.driver.perform(PrintDocument(AT, "receipt", SLIP))
        printer.until(lambda: printer.state()["slips"])
        printer.served.unplug()
        printer.heard(DeviceLost)
        printer.served.replug()
        assert printer.heard(DocumentPrinted) == DocumentPrinted(AT, "receipt", "unknown", "notResponding")
        assert len(printer.state()["slips"]) == 1


def test_noise_from_the_printer_is_no_status(printer: Printer) -> None:
    for _ in range(5):
        with printer.served.lock:
            printer.twin.wire.noise = b"\x00\x41\xff\x91\x80\x0a"  # none of them has a status byte's fixed bits
        printer.until(lambda: not printer.twin.wire.noise)
    assert do(printer).completion == "success"
    assert printer.driver.health()["faults"]["noise"] >= 6
    assert printer.all(PaperChanged) == []
    assert printer.driver.paper == "full"


REASONS = {"cover_open": "coverOpen", "jam": "paperJam", "broken": "paperJam", "hot": "paperJam", "end": "paperOut"}


def spoil(printer: Printer, kind: str, on: bool = True) -> None:
    with printer.served.lock:
        printer.twin.spoil(kind, on, 0)


@pytest.mark.parametrize("plain", [False, True], ids=["tells", "is asked"])
@pytest.mark.parametrize(
    ("kind", "words", "lost"),
    [
        ("cover_open", {"offline", "cover_open"}, True),
        ("jam", {"offline", "cutter_error"}, True),
        ("broken", {"offline", "fatal_error"}, True),
        ("hot", {"offline", "recoverable_error", "auto_recoverable"}, True),
        ("near_end", {"paper_near_end"}, False),
        ("end", {"offline", "paper_near_end", "paper_end"}, False),
    ],
)
def test_what_ails_the_printer_is_said_by_name_and_mended(
    printer: Printer, plain: bool, kind: str, words: set[str], lost: bool
) -> None:
    if plain:
        spoil(printer, "plain")
        printer.served.unplug()
        printer.heard(DeviceLost)
        printer.served.replug()
        printer.heard(DeviceBack)
    before = len(printer.all(DeviceLost))
    printer.until(lambda: printer.driver.health()["automatic"] is not plain)
    spoil(printer, kind)
    printer.until(lambda: words == {*printer.driver.health()["state"]} - {"error"})
    assert printer.driver.health()["trouble"] == REASONS.get(kind, "")
    assert printer.driver.health()["lost"] is lost
    assert len(printer.all(DeviceLost)) - before >= lost  # a stall may lose the line besides
    spoil(printer, kind, False)
    printer.until(lambda: not printer.driver.health()["state"])
    assert len(printer.all(DeviceBack)) == len(printer.all(DeviceLost))
    paper = {"near_end": ["low", "full"], "end": ["out", "full"]}.get(kind, [])
    assert [event.paper for event in printer.all(PaperChanged)] == paper
    assert do(printer).completion == "success"


def test_a_printer_that_waits_without_a_cause_prints_nothing_behind_our_back(printer: Printer) -> None:
    with printer.served.lock:
        printer.twin._can_print = lambda: False
    assert do(printer) == DocumentPrinted(AT, "receipt", "hardwareError", "notResponding")
    with printer.served.lock:
        del printer.twin._can_print
        printer.twin._resume()
    printer.heard(DeviceBack)
    assert printer.state()["slips"] == []


def test_a_hand_on_the_feed_button_is_no_fault(printer: Printer) -> None:
    with printer.served.lock:
        printer.twin.feeding = True
    printer.until(lambda: "feeding" in printer.driver.health()["state"])
    assert printer.driver.health()["trouble"] == ""
    assert printer.all(DeviceLost) == []


def test_paper_is_not_judged_while_the_cover_is_open(printer: Printer) -> None:
    spoil(printer, "cover_open")
    spoil(printer, "end")
    printer.until(lambda: "paper_end" in printer.driver.health()["state"])
    spoil(printer, "end", False)
    spoil(printer, "cover_open", False)
    printer.heard(DeviceBack)
    assert printer.all(PaperChanged) == []


def test_a_printer_that_was_switched_off_and_on_tells_again(printer: Printer) -> None:
    printer.until(lambda: printer.driver.health()["automatic"])
    with printer.served.lock:
        printer.twin._asb_mask = 0
    printer.until(lambda: printer.twin._asb_mask == 0xFF)


TEXTS = [
    "",
    "a",
    "请妥善保管，谢谢使用。" * 5,
    "please keep this slip for your records, thank you",
    "A" * 100,
    "余额Balance不足" * 7,
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("columns", [8, 16, 32, 48])
def test_wrapping_cuts_nothing_off_and_overflows_nowhere(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line[:1] in "，。" and line for line in lines[1:])
    for label in TEXTS[:3]:
        rows = row(label, text, columns)
        assert all(width(line) <= columns for line in rows)
        assert "".join(rows).replace(" ", "") == (label + text).replace(" ", "")


def test_no_line_of_a_slip_is_wider_than_the_paper() -> None:
    for columns in (32, 48):
        for line in lay_out(SLIP, lambda text: text.key, columns):
            assert width(line.text) * (2 if line.big else 1) <= columns


# -- codes on paper ----------------------------------------------------------------------------------------------------

PASS = Document(
    "pass",
    Text("登机牌"),
    ((Text("航班"), Text("TD4221")),),
    (),
    "M1ZHANG/MING          EK7X2PM TFUKMGTD 4221 328Y031B0042 100",
)


def read(data: bytes) -> list[str]:
    """What a scanner reads on the paper that these bytes print."""
    pictures = [command for command in Stream().receive_data(data) if isinstance(command, Picture)]
    papers = [Image.frombytes("1", (it.width, it.height), bytes(byte ^ 0xFF for byte in it.dots)) for it in pictures]
    return [code.text for paper in papers for code in zxingcpp.read_barcodes(paper.convert("L"))]


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_a_pass_s_code_is_read_off_the_paper(columns: int) -> None:
    """On 58 and 80 mm alike, within the paper's width."""
    data = encode(lay_out(PASS, lambda text: text.key, columns))
    assert read(data) == [PASS.code]
    assert all(it.width <= columns * 12 for it in Stream().receive_data(data) if isinstance(it, Picture))


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=90).filter(str.strip))
def test_any_code_comes_back_as_it_was_said(said: str) -> None:
    assert read(encode([Stacked(said)])) == [said]


def test_a_code_that_the_paper_is_too_narrow_for_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="allowed 60"):
        encode([Stacked("x", 60)])


def test_the_driver_prints_the_code_below_its_lines(printer: Printer) -> None:
    printer.driver.perform(PrintDocument(AT, "pass-1", PASS))
    assert printer.heard(DocumentPrinted, 1) == DocumentPrinted(AT, "pass-1", "success", "")
    with printer.served.lock:
        slip = printer.twin.tear_off()
    assert slip is not None
    assert [line.kind for line in slip if line.kind != "feed"][-1] == "picture"
