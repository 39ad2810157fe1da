"""Define what the account services raise where something is not to be."""

from __future__ import annotations


class RefusedError(ValueError):
    """The act is not allowed; the message says why."""


class BusyError(RefusedError):
    """Too much of it is asked for at this moment."""
