"""Tickets of the office for a unit that is locked, and the diagnostic bundle that a unit gives for one.

The ticket is a signed document for one unit, for some hours; it carries the key that the bundle is sealed to. The
bundle's first line is a document that the unit signs and that covers the rest by its hash; the rest is sealed as a
visit's recording is (`visit.wire.recording_encryption`), so nobody who carries it reads it.

A ticket for a shell opens one once, for some minutes: on the unit's own console for who knows the code, or by ssh on
the cable for who has the key.
"""

from __future__ import annotations

import msgspec

TICKET, BUNDLE = "diagnostics ticket", "diagnostics bundle"
"""What the two documents are for; signed with them."""
SHELL = "shell ticket"
TICKET_TAIL, BUNDLE_TAIL, SHELL_TAIL = ".ticket", ".diagnosis", ".shell"
MOST_MINUTES = 240
MOST_BYTES = 64 << 20
"""Of a bundle, sealed or open; a unit's logs and recordings are a tenth of it."""
PIECE_BYTES = 256 << 10
"""What a unit sends of it at once, over the wire."""


class DiagnosticTicket(msgspec.Struct, frozen=True):
    """The office's leave: for which unit, under which number, sealed to whom (PEM), and until when (UTC ms)."""

    unit: str
    number: str
    seal: str
    until_ms: int


class DiagnosticBundle(msgspec.Struct, frozen=True):
    """The unit's word about a bundle: for which ticket, when it was made (UTC ms), the hash of what is sealed."""

    unit: str
    number: str
    made_ms: int
    sha256: str


class ShellTicket(msgspec.Struct, frozen=True):
    """The office's leave for a shell: for which unit, under which number, to be used until when (UTC ms), and for how
    many minutes from then. Either `key` (an OpenSSH public key: by ssh on the cable), or `code` (its hash as
    `salt:hash`, `wire.one_time_codes`: on the console).
    """

    unit: str
    number: str
    until_ms: int
    minutes: int
    key: str = ""
    code: str = ""


def sealed_for(unit: str, number: str) -> str:
    """Return what a bundle's encryption is bound to: it cannot be shown as another's."""
    return f"diagnostics {unit} {number}"
