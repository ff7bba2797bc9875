"""What goes wrong around jobs.

AppError
└── Conflict 409
    ├── JobFinished
    ├── JobNotFailed
    └── JobNotRetriable
JobCancelled      the person asked the job to stop; raised inside the job
TryLater          the job's turn has not come; costs no attempt
└── OrganizationPaused
LeaseLost         another worker has the job now; whatever this one does must not be kept
"""

from rowhouse.kernel.errors import Conflict


class JobFinished(Conflict):
    code, title = "job_finished", "The job has ended already; there is nothing to cancel."


class JobNotFailed(Conflict):
    code, title = "job_not_failed", "Only a job that has failed can be tried again."


class JobNotRetriable(Conflict):
    code, title = "job_not_retriable", "A job of this kind can't be tried again; ask for a new one."


class JobCancelled(Exception):
    pass


class TryLater(Exception):
    def __init__(self, delay_s: float) -> None:
        super().__init__(f"in {delay_s} s")
        self.delay_s = delay_s


class OrganizationPaused(TryLater):
    """The job's organization is suspended; the sweeper sends the job again once it is not."""


class LeaseLost(Exception):
    pass
