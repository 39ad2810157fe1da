"""Define a messenger's accounts and gifts, and what its app asks.

Each ask comes back in `HostAnswered` with its answer fields filled in. `id` is 0 where an unanswered ask loses nothing;
what books has one, and may be asked again: money is moved once. Of what somebody types only that it was sent is asked,
never the words.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Gift(msgspec.Struct, frozen=True, cache_hash=True):
    """Money in a messenger that nobody has taken yet: a red packet, or a transfer that goes on its way after `hours`.
    `giver` and `taker` are friends' ids, "" the person.
    """

    id: int
    giver: str = ""
    taker: str = ""
    kind: Literal["packet", "transfer"] = "packet"
    fen: int = 0
    hours: int = 0


class Social(msgspec.Struct, frozen=True, cache_hash=True):
    """An account with a messenger: the `number` it hangs on ("": none), friends, those who are shut out, groups and the
    quiet ones among them, whose pictures were liked, and money that nobody has taken yet.
    """

    number: str = ""
    friends: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    liked: tuple[str, ...] = ()
    gifts: tuple[Gift, ...] = ()


Said = Literal["quick", "typed", "voice", "picture"]
"""How something was said."""
GroupAct = Literal["join", "leave", "mute"]


class SocialQuestion(msgspec.Struct, frozen=True, tag="Social{}".format):
    """Base of the service's asks."""

    id: int = 0


class EntryCodeAsked(SocialQuestion, frozen=True):
    """Send a code to this number. Answer: the code, as the message has it."""

    number: str = ""
    code: str = ""


class JoinAsked(SocialQuestion, frozen=True):
    """Open an account on this number, for whom `friend` vouches."""

    number: str = ""
    friend: str = ""


class FriendAsked(SocialQuestion, frozen=True):
    """Ask somebody to be a friend."""

    friend: str = ""


class SayAsked(SocialQuestion, frozen=True):
    """Say something to a friend: how, and which of the words or pictures that are ready ("" for one's own)."""

    friend: str = ""
    how: Said = "quick"
    what: str = ""


class GuardAsked(SocialQuestion, frozen=True):
    """Tell the service of somebody ("report"), or hear nothing more of them ("block")."""

    friend: str = ""
    what: Literal["report", "block"] = "report"


class GroupAsked(SocialQuestion, frozen=True):
    """Join a group, leave it, or let it be quiet."""

    group: str = ""
    what: GroupAct = "join"


class PostAsked(SocialQuestion, frozen=True):
    """Show a picture to `who`: everybody, friends, or only oneself."""

    what: str = ""
    who: Literal["all", "friends", "me"] = "friends"


class LikeAsked(SocialQuestion, frozen=True):
    """Like what a friend has shown."""

    friend: str = ""


class GiveAsked(SocialQuestion, frozen=True):
    """Give money to a friend: in a red packet, or as a transfer that goes on its way after `hours`. Answer "ok" with
    whether it was `taken` and what still lies with the service (`gifts`); "funds".
    """

    friend: str = ""
    kind: Literal["packet", "transfer"] = "packet"
    fen: int = 0
    hours: int = 0
    taken: bool = False
    gifts: tuple[Gift, ...] = ()


class TakeAsked(SocialQuestion, frozen=True):
    """Open a red packet or accept a transfer that came. Answer: what still lies with the service."""

    gift: int = 0
    gifts: tuple[Gift, ...] = ()


class DayAsked(SocialQuestion, frozen=True):
    """A day is over: these go back to who gave them, those arrive. Answer: what still lies with the service."""

    back: tuple[int, ...] = ()
    arrived: tuple[int, ...] = ()
    gifts: tuple[Gift, ...] = ()


MoneyAsk = GiveAsked | TakeAsked | DayAsked
SocialAsk = (
    EntryCodeAsked | JoinAsked | FriendAsked | SayAsked | GuardAsked | GroupAsked | PostAsked | LikeAsked | MoneyAsk
)
