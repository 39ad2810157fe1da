"""The enrolment desk and the update server, which start together, show one certificate with its own key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from kiosk_firmware.office.pki.trust_folder import TrustFolder
from tests.pki.test_site_office import founded


def test_who_comes_at_once_gets_the_same_papers(tmp_path):
    state = founded(tmp_path)
    TrustFolder(state).set_up_broker(["127.0.0.1"], 8883, state / "broker", "")
    with ThreadPoolExecutor(8) as people:
        papers = {
            found.result() for found in [people.submit(lambda: TrustFolder(state).desk_papers()) for _ in range(8)]
        }
    ((certificate, key),) = papers
    shown = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    assert shown == serialization.load_pem_private_key(key.read_bytes(), None).public_key()
