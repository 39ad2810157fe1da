"""The enrolment desk's door: whatever an address says, it hears a sentence and no 500, and the next one comes in."""

from __future__ import annotations

import base64
import http.client
import json
import random
import ssl
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from kiosk_firmware.wire import private_keys
from kiosk_firmware.wire.enrolment_messages import ANSWERED, ENCODE, LIMIT, Apply, Challenge, Prove, Refused, Waiting
from tests.office.hostile import deep, encoded, large, typed
from tests.pki.rig import HOST, Office

DEPTH = 1200


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = Office(tmp_path_factory.mktemp("office"))
    made.open_desk()
    yield made
    made.close()


class Line:
    """A connection to the desk, as some other program would make it, opened anew where the desk closed it."""

    def __init__(self, office: Office) -> None:
        trusting = ssl.create_default_context(cafile=office.place.folder / "root.pem")
        trusting.check_hostname = False
        self._at = http.client.HTTPSConnection(
            HOST, int(office.address.rpartition(":")[2]), timeout=20, context=trusting
        )

    def say(self, body: object, path: str = "/enrol", method: str = "POST", **headers: str) -> tuple[int, bytes]:
        self._at.request(method, path, body, headers)
        with self._at.getresponse() as answer:
            said = answer.status, answer.read()
        if said[0] != 200:
            self._at.close()
        return said


@pytest.fixture
def line(office):
    return Line(office)


def request(key: object, hashed: object = hashes.SHA256()) -> str:
    """A request that somebody's own program makes, with any kind of key."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashed).public_bytes(serialization.Encoding.PEM).decode()  # type: ignore[arg-type]


OURS = private_keys.request(private_keys.make_key(), "jia-atm-01")
FOREIGN = (
    request(ed25519.Ed25519PrivateKey.generate(), None),
    request(rsa.generate_private_key(65537, 1024)),
    request(ec.generate_private_key(ec.SECP384R1())),
    request(ec.generate_private_key(ec.SECP256R1()), hashes.SHA3_512()),
)
NEST = b"[" * DEPTH + b"]" * DEPTH
TOP = {"type": "Apply", "csr": OURS}
WRONG = {
    "brackets": NEST,
    "a hundred thousand brackets": b"[" * 30_000 + b"]" * 30_000,
    "objects": b'{"a":' * DEPTH + b"0" + b"}" * DEPTH,
    "brackets that nobody asks for": b'{"type":"Apply","csr":"x","more":' + NEST + b"}",
    "brackets for a text": b'{"type":"Apply","csr":' + NEST + b"}",
    "brackets for the kind": b'{"type":' + NEST + b"}",
    "brackets beside a long number": b'{"n":12345678901234567,"type":"Apply","csr":"x","more":' + NEST + b"}",
    "nothing": b"",
    "a number": b"9" * 400,
    "a list": b"[]",
    "no kind": b'{"csr":"x"}',
    "another kind": b'{"type":"Grant","csr":"x"}',
    "a number for a text": b'{"type":"Apply","csr":5}',
    "half a letter": b'{"type":"Apply","csr":"\\ud800"}',
    "no UTF-8": b'{"type":"Apply","csr":"\xff"}',
}


def is_well(line: Line, csr: str = OURS) -> None:
    """A unit that is well is served."""
    status, answer = line.say(ENCODE(Apply(csr)))
    assert status == 200
    assert isinstance(ANSWERED.decode(answer), Waiting | Challenge)


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_message_is_refused_with_a_sentence_and_the_next_one_is_served(line, what):
    status, answer = line.say(WRONG[what])
    assert status == 400, answer
    assert ANSWERED.decode(answer).reason.startswith("no message: ")
    is_well(line)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_body_is_refused_with_a_sentence(line, chunked):
    pieces = [b"x" * 4096] * (LIMIT // 4096 + 1)
    status, answer = line.say(iter(pieces) if chunked else b"".join(pieces))
    assert (status, ANSWERED.decode(answer)) == (413, Refused(f"a message has {LIMIT} bytes at most"))
    is_well(line)


def test_a_huge_header_another_path_and_another_way_are_refused(line):
    assert line.say(b"{}", **{"X-Long": "y" * 200_000})[0] == 400
    assert line.say(b"{}", "/")[0] == 404
    assert line.say(None, method="GET")[0] == 405
    is_well(line)


def bent(rng: random.Random, text: str) -> str:
    """A request or a chain with some other bytes in the first of them: another curve, hash, length."""
    first, end, rest = text.partition("\n-----END")
    begin, _, inner = first.partition("\n")
    raw = bytearray(base64.b64decode(inner))
    for _ in range(rng.randint(1, 3)):
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    return f"{begin}\n{base64.encodebytes(raw).decode().strip()}{end}{rest}"


def said(rng: random.Random, chain: str) -> bytes:
    """A message that has the right shape and says anything."""
    texts: tuple[Callable[[], str], ...] = (
        lambda: bent(rng, OURS),
        lambda: rng.choice((OURS, *FOREIGN)),
        lambda: rng.choice((chain, chain * 40, bent(rng, chain))),
        lambda: rng.choice(("", "\0", "x" * 40_000, "' OR 1=1 --", "-----BEGIN CERTIFICATE REQUEST-----", "9" * 30)),
    )
    kind = rng.choice((Apply, Apply, Prove))
    whole = {name: rng.choice(texts)() for name in kind.__struct_fields__ if rng.random() < 0.5}
    if kind is Apply and rng.random() < 0.7:
        whole["csr"] = bent(rng, OURS) if rng.random() < 0.6 else OURS
    return json.dumps({"type": kind.__name__, **whole}).encode()


def test_whatever_is_said_hears_an_answer(office, line, long):
    """Any depth, size, type and encoding, and requests and certificates in which bytes are others."""
    rng, chain = random.Random(15), office.trusted("jia-atm-77").member.chain()
    plain = json.dumps(TOP).encode()
    for n in range(20_000 if long else 300):
        body = rng.choice((deep, large, typed, encoded))(rng, plain) if rng.random() < 0.3 else said(rng, chain)
        status, answer = line.say(body)
        assert status in (200, 400, 413), (n, body[:300], answer)
        assert ANSWERED.decode(answer), (n, body[:300])
    is_well(line)
