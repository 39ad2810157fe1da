"""The three bases of the lobby's data: what it hears, what it asks for, where it stands."""

from __future__ import annotations

import msgspec


class EventBase(msgspec.Struct, frozen=True, tag=True):
    """Base of what the app tells."""


class RequestBase(msgspec.Struct, frozen=True, tag=True):
    """Base of what the app is asked."""


class PhaseBase(msgspec.Struct, frozen=True, tag=True):
    """Base of the lobby's phases."""
