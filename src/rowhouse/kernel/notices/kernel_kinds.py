"""What the kernel tells people of."""

from rowhouse.kernel.notices.kinds import NoticeKind

SECURITY = NoticeKind(
    "kernel.security",
    "Security of your account",
    "When something changes how you sign in, or looks as if somebody else did.",
    mailed=True,
    always=True,
)
MEMBERSHIP = NoticeKind(
    "kernel.membership",
    "Your role",
    "When somebody gives you another role in an organization.",
)
INVITATION_ACCEPTED = NoticeKind(
    "kernel.invitation_accepted",
    "Accepted invitations",
    "When somebody joins whom you have invited.",
)
SHARING_ENDED = NoticeKind(
    "kernel.sharing_ended",
    "Sharing that has ended",
    "When somebody with whom you share something of yours leaves the organization.",
)
ORGANIZATION = NoticeKind(
    "kernel.organization",
    "State of your organization",
    "When an organization that you own is set up, suspended, works again or is restored.",
    mailed=True,
)
WEBHOOK_DISABLED = NoticeKind(
    "kernel.webhook_disabled",
    "Stopped webhooks",
    "When an endpoint of an organization that you own is not sent to any more.",
    mailed=True,
)
EXPORT_READY = NoticeKind(
    "kernel.export_ready",
    "Finished exports",
    "When a file that you asked for is ready.",
)
CONNECTION = NoticeKind(
    "kernel.connection",
    "Connected services",
    "When a service that you have connected needs you: to connect it again, or because nothing comes from it.",
    mailed=True,
)
JOB_FAILED = NoticeKind(
    "kernel.job_failed",
    "Failed work",
    "When something that you started in the background was given up.",
)

KINDS = (
    SECURITY,
    ORGANIZATION,
    MEMBERSHIP,
    INVITATION_ACCEPTED,
    SHARING_ENDED,
    WEBHOOK_DISABLED,
    EXPORT_READY,
    CONNECTION,
    JOB_FAILED,
)
