"""What a feature declares of its limits."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ActionLimit:
    """At most `most` times in a window of `window_s` that opens with the first. `per` says whose it is: an account's,
    the organization's, or one `thing`'s that the caller names. An organization's plan multiplies it.

    `name` begins with the app's; `meaning` says to people what is limited.
    """

    name: str
    meaning: str
    most: int
    window_s: int
    per: Literal["account", "organization", "thing"] = "account"
