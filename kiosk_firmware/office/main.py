"""`kiosk office`: the office process with the catalogue's names for machines and lessons."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_firmware import catalogue
from kiosk_firmware.office import serve
from kiosk_firmware.office.names import from_catalogue


def main(name: str, arguments: Sequence[str]) -> int:
    """See `serve.main`; `name` is the subcommand's, as the command line calls it."""
    return serve.main(arguments, from_catalogue(catalogue.describe()))
