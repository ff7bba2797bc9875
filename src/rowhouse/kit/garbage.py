"""When the interpreter looks for garbage that only its collector finds, in processes that live for long."""

import gc

AFTER_ALLOCATIONS = 10_000
"""Requests and jobs leave hardly any cycles behind: the collector's usual 700 makes it look for them in each request, and
hundreds of times in each page of samples that a sync reads."""


def settle() -> None:
    """To be called when a process has started. What was built by now lives as long as the process: the collector needs
    never look through it again, which costs pauses of tens of milliseconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(AFTER_ALLOCATIONS, 20, 20)
