"""What can stand against a threshold."""

from rowhouse.kernel.errors import Conflict


class TooManyThresholds(Conflict):
    code, title = (
        "too_many_thresholds",
        "There are too many thresholds; delete some that are no longer needed.",
    )


class ProposalChanged(Conflict):
    code = "proposal_changed"
    title = "The data propose something else by now; look at the proposals again."
