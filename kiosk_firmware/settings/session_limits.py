"""Define `[turn]` of unit.toml: how long a learner's session may last and how patient the unit is."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec


class SessionLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[turn]`: how long a sitting may last, within which time a cut run is taken up again, and patience.

    minutes: of a turn, warned one before, 0 no limit · resume_minutes: after a cut · idle_seconds: nobody touches
    anything, then somebody is asked for and the turn ends · help_seconds: on one step of a lesson nothing happens,
    then the coach helps a little, and after the same again a little more · take_seconds: for what is given back after a
    run, then it is kept · queue: whoever is past the calm runs has people waiting behind them, told on the strip ·
    centre_cards: what a learner's, supervisor's or technician's card must show. "number_only": its number, which
    whoever has seen it can put on a card of their own. "secret": also the secret that a supervisor wrote onto it
    (MIFARE Classic at a pn532); a number alone is refused.
    """

    minutes: Annotated[int, msgspec.Meta(ge=0, le=600)] = 4
    resume_minutes: int = 10
    idle_seconds: int = 180
    help_seconds: int = 12
    take_seconds: int = 60
    queue: bool = False
    centre_cards: Literal["number_only", "secret"] = "number_only"
