"""No collection of garbage in the middle of a search: it would hold up a frame for tens of milliseconds.

A search makes many thousand objects that live on (what it learnt of the lesson) and no garbage in circles. So the
collector rests while a search goes on, and what has come to be is set aside afterwards, so that it is not gone through
again and again while the learner is at work. When the run is over everything counts again.
"""

from __future__ import annotations

import gc


def begin() -> None:
    """Pause the collection of garbage: a search begins, or goes on."""
    gc.disable()


def end() -> None:
    """Resume the collection after a search has ended, or is given up; fine where none went on."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def resume_gc() -> None:
    """Resume it, and unfreeze what was held back: the run is over, and nobody waits for a frame."""
    end()
    gc.unfreeze()
