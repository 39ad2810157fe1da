"""Define what the account services raise where something is not to be."""

from __future__ import annotations


class ActRefusedError(ValueError):
    """The act is not allowed; the message says why."""


class BusyError(ActRefusedError):
    """Too much of it is asked for at this moment."""
