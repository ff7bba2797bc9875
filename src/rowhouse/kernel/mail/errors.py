"""What goes wrong with mail.

AppError
├── Conflict 409
│   ├── MailRefused          the receiving side said no for good
│   └── MailExpired          its code or link was over before the mail server took it
└── Unavailable 503
    └── MailUnavailable      the mail server is away, or none is set
"""

from rowhouse.kernel.errors import Conflict, Unavailable


class MailRefused(Conflict):
    code, title = "mail_refused", "The mail was refused for good by the receiving side."


class MailExpired(Conflict):
    code, title = "mail_expired", "What the mail would say is not good any more, so it was not sent."


class MailUnavailable(Unavailable):
    code, title = "mail_unavailable", "The mail server is away; the mail is tried again."
