"""Skills that many machines share, and what of a run shows one: a table a machine, data beside it (`skills.toml`).

A run *exercises* a skill where it met one of the skill's `steps`; without steps, where all `right` rows hold. It shows
it *right* when those steps needed no help and saw no slip, all `right` rows hold and no `wrong` row does. Coping with a
fault and refusing a fraud are read from facts that every machine has, so no table names them.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from kiosk_firmware.core.lessons import GoalCondition

SkillName = Literal[
    "insert_card",
    "read_amount",
    "pin_unseen",
    "check_name",
    "take_card",
    "take_change",
    "cancel_safely",
    "recover_fault",
    "refuse_fraud",
]
SKILLS: tuple[SkillName, ...] = get_args(SkillName)
"""In the order in which they are met outside."""


class Skill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One machine's evidence of a skill; see the file's head. `lessons`: those that are good to practise it with."""

    steps: tuple[str, ...] = ()
    right: tuple[GoalCondition, ...] = ()
    wrong: tuple[GoalCondition, ...] = ()
    lessons: tuple[str, ...] = ()


Skills = dict[SkillName, Skill]
"""A machine's `skills.toml`."""


class TracingParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parameters of Bayesian Knowledge Tracing: chances that somebody knows the skill before the first try, learns it
    at a try, slips though they know it, and guesses right though they do not; and from when on it counts as known.
    """

    version: str
    source: str
    checked_on: str
    known_before: float
    learns: float
    slips: float
    guesses: float
    enough: float
