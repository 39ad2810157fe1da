"""The printer against libraries that nobody here wrote: one reads its status bytes, two write slips for its paper.

Skipped where Node.js or the libraries (`tests/hardware/peers`, from npm) are not installed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hardware.protocols import escpos
from hardware.twins.escpos import EscposTwin, PaperLine

HERE = Path(__file__).parent / "peers"
MEANS = {
    "Offline": {"offline"},
    "Paper feed button is being pressed": {"feeding"},
    "Cover is open": {"cover_open"},
    "Paper is being fed by the paper feed button": {"feeding"},
    "Error occurred": {"error"},
    "Printing stops due to a paper-end": {"paper_end"},
    "Autocutter error occurred": {"cutter_error"},
    "Recoverable error occurred": {"recoverable_error"},
    "Unrecoverable error occurred": {"fatal_error"},
    "Auto-recoverable error occurred": {"recoverable_error", "auto_recoverable"},
    "Waiting for online recovery": set(),
    "Roll paper near-end sensor: paper near-end": {"paper_near_end"},
    "Roll paper end sensor: paper not present": {"paper_end"},
}
"""The decoder's words, and ours."""
TITLE, ROWS, CODE = "RECEIPT", [["Amount", "1,000.00"], ["Card", "9900 **** 1234"]], "https://example.invalid/1"


@pytest.fixture(scope="module")
def peer() -> Iterator[Any]:
    if shutil.which("node") is None or not (HERE / "node_modules" / "receiptline").exists():
        pytest.skip("escpos, receiptline and receipt-printer-encoder are not installed from npm")
    with subprocess.Popen(
        ["node", str(HERE / "printer.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(**question: Any) -> Any:
            print(json.dumps(question), file=process.stdin, flush=True)
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


def words(labels: list[str]) -> set[str]:
    return {word for label in labels for word in MEANS[label]}


def test_every_status_byte_means_to_them_what_it_means_to_us(peer: Any) -> None:
    every = [(n, byte) for n in (1, 2, 3, 4) for byte in range(256) if byte & 0x93 == 0x12]
    every = [(n, byte) for n, byte in every if n < 4 or (byte >> 2 & 3 in (0, 3) and byte >> 5 & 3 in (0, 3))]
    for (n, byte), labels in zip(every, peer(statuses=every), strict=True):
        assert words(labels) == set(escpos.decode_status(n, byte).words), (n, hex(byte), labels)


@pytest.mark.parametrize("kind", ["", "jam", "cover_open", "near_end", "end", "broken", "hot"])
def test_what_ails_the_twin_is_what_they_read(peer: Any, kind: str) -> None:
    twin = EscposTwin()
    if kind:
        twin.spoil(kind, True, 0)
    told = [(n, twin.receive(escpos.ask(n), 0)[0]) for n in (1, 2, 3, 4)]
    read = set().union(*(words(labels) for labels in peer(statuses=told)))
    assert read == set().union(*(escpos.decode_status(n, byte).words for n, byte in told))
    assert bool(read) == bool(kind)


def printed(slip: str) -> list[PaperLine]:
    """The slip as it hangs out of the twin; every byte of it is understood."""
    twin = EscposTwin()
    twin.receive(bytes.fromhex(slip), 0)
    assert twin._stream.faults.as_dict() == {}
    return [line for one in twin.slips for line in one]


@pytest.mark.parametrize("columns", [32, 48])
def test_an_encoder_of_others_prints_what_it_was_given(peer: Any, columns: int) -> None:
    lines = printed(peer(encoder={"title": TITLE, "rows": ROWS, "code": CODE}, columns=columns))
    texts = [line for line in lines if line.kind == "text"]
    assert (texts[0].text, texts[0].bold, texts[0].width, texts[0].height) == (TITLE, True, 2, 2)
    assert [(line.text.split(maxsplit=1), len(line.text)) for line in texts[1:3]] == [(row, columns) for row in ROWS]
    assert not any(line.bold or line.width > 1 for line in texts[1:])
    assert [line.text for line in lines if line.kind == "qr"] == [CODE]


@pytest.mark.parametrize("columns", [32, 48])
def test_chinese_slips_of_others_come_out_right(peer: Any, columns: int) -> None:
    slip = "^^^取款凭条\n\n金额 | ￥1,000.00\n余额，不足 | 。\n---\n{code:" + CODE + ";option:qrcode,4,L}\n"
    texts = [line for line in printed(peer(receiptline=slip, columns=columns)) if line.kind == "text"]
    title, _, amount, rest, rule = texts[:5]
    assert (title.text.strip(), title.width, title.height) == ("取款凭条", 2, 2)
    assert amount.text.split() == ["金额", "￥1,000.00"]
    assert rest.text.split() == ["余额，不足", "。"]
    assert [escpos.width(line.text) for line in (amount, rest)] == [columns, columns]
    assert set(rule.text) == {"─"}


def test_a_code_that_is_sent_as_a_picture_is_one(peer: Any) -> None:
    slip = "{code:" + CODE + ";option:qrcode,4,L}\n"
    (picture,) = [line for line in printed(peer(receiptline=slip, columns=32)) if line.kind == "picture"]
    wide, high = (int(part) for part in picture.text.split("x"))
    assert wide == high > 80
