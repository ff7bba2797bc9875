"""What can stand against a choice.

Conflict 409
└── NoticeAlwaysSent
"""

from rowhouse.kernel.errors import Conflict


class NoticeAlwaysSent(Conflict):
    code = "notice_always_sent"
    title = "What concerns the security of an account is always told, on the page and by mail."
