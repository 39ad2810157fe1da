"""Define what the strip below every page shows, as the coach says it and the glass draws it."""

from __future__ import annotations

import msgspec


class Strip(msgspec.Struct, frozen=True):
    """Hold what the strip shows now: the coach's sentence, help, and the way out.

    `sentence` may hold **bold** spans. `can_show`: offer one step. `halo_key` names the key that gets the halo,
    `halo_slot` the device whose lamp flashes (the picture on the page gets the halo). `language` is the learner's, if
    it is another than the machine's. `showing`: the coach does a lesson to be watched; the strip has another ground and
    says so. `step`: the page (`step#visit`) for which this is said; the stage lets it go with that page. Empty: the one
    that stands.
    """

    sentence: str = ""
    can_show: bool = False
    halo_key: str = ""
    halo_slot: str = ""
    language: str = ""
    showing: bool = False
    looking: bool = False
    """A moment of the last run is looked at again, on the same other ground."""
    ends: bool = True
    """Something goes on that *end* ends. Where nothing does, its place stays empty: the key has one meaning."""
    off: bool = False
    """Nothing stands there, not even a key: a proctored run."""
    step: str = ""

    def on(self, step: str) -> Strip:
        """Return what may stand of it on the page `step`: all of it on its own, nothing that is said on another."""
        if self.step == step:
            return self
        return Strip(
            language=self.language, showing=self.showing, looking=self.looking, ends=self.ends, off=self.off, step=step
        )

    @property
    def marked(self) -> str:
        """The key's kind whose word marks the strip as not the person's own run now; empty: it is."""
        return "showing" if self.showing else "looking" if self.looking else ""
