"""What can stand between an athlete and what a provider has of them.

NotFound 404
└── SourceUnknown
Conflict 409
├── SourceEnding             what the former connection brought is still being removed
├── SourceFailing            the provider was away for a day
└── SourcePaused             the provider says what we don't understand
Inside of syncs, never told to callers:
ShapeUnknown    an answer of another shape than the provider documents
└── NotAllowed  what the athlete has not allowed us to ask for
SlowDown        the provider, or our own budget, wants us to wait
Missing         the provider has no such thing (any more)
"""

import random

from rowhouse.kernel.errors import Conflict, NotFound


class SourceUnknown(NotFound):
    code, title = "source_unknown", "There is no such source among yours."


class SourceEnding(Conflict):
    code = "source_ending"
    title = "What your former connection brought is still being removed; connect again in a moment."


class SourceFailing(Conflict):
    code, title = "source_failing", "The provider could not be reached for a day; sync again once it can be."


class SourcePaused(Conflict):
    code = "source_paused"
    title = "The provider answers in a way that we don't understand; nothing is lost, and we have been told."


class ShapeUnknown(Exception):
    """`where` names the place in the answer, never what stands there."""


class NotAllowed(ShapeUnknown):
    """What the athlete has not allowed, where that may be left out; elsewhere nobody expected it."""


def soon_after(delay_s: float) -> float:
    """A little later, each a little differently: not all come back at the same moment."""
    return delay_s + random.uniform(0.0, 5.0 + delay_s / 10)  # noqa: S311 - spreads load, hides nothing


class SlowDown(Exception):
    """`left_s` is how long the limit goes on, `delay_s` when to come again: a little later, each a little differently, so
    that not all come back at the same moment."""

    def __init__(self, left_s: float, *, told: str = "") -> None:
        super().__init__(f"for {left_s:.0f} s")
        self.left_s = left_s
        self.delay_s = soon_after(left_s)
        self.told = told


class Missing(Exception):
    pass
