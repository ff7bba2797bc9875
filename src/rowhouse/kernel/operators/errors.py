"""Why an operator gets no further.

Unauthorized 401
├── OperatorRefused        unknown, wrong password or wrong code: said alike
└── SetupLinkInvalid
InvalidInput 422           a code that doesn't fit the new secret
"""

from rowhouse.kernel.errors import Unauthorized


class OperatorRefused(Unauthorized):
    code, title = "operator_refused", "Email, password and code don't match."


class SetupLinkInvalid(Unauthorized):
    code = "setup_link_invalid"
    title = "This link has been used or is too old; `rowhouse operator create` makes a new one."
