"""Why somebody is not let in.

Unauthorized 401
├── InvalidCredentials     said of unknown emails and wrong passwords alike
├── EmailNotVerified       said to who has registered with this password, of known and unknown emails alike
├── InvalidCode            wrong, expired, used or tried too often
├── InvalidToken           likewise, of a mailed link
├── MfaRequired            the first proof was good; the second is asked for
├── InvalidFactor          the second was not
└── StepUpRefused
Forbidden 403
├── NoActiveAccount
└── StrongerProofNeeded
TooManyRequests 429
└── TooManyAttempts        a lock-out, of whoever tried and not of the account
Unavailable 503
└── SignInBusy
"""

from rowhouse.kernel.errors import Forbidden, TooManyRequests, Unauthorized, Unavailable


class InvalidCredentials(Unauthorized):
    code, title = "invalid_credentials", "Email and password don't match."


class EmailNotVerified(Unauthorized):
    code = "email_not_verified"
    title = "The email address is not verified yet; enter the code we mailed you, or ask for a new one."


class InvalidCode(Unauthorized):
    code, title = "invalid_code", "The code is wrong or has expired; ask for a new one."


class InvalidToken(Unauthorized):
    code, title = "invalid_token", "The link has expired or was used before; ask for a new one."


class MfaRequired(Unauthorized):
    code = "mfa_required"
    title = "Now the second factor: POST /api/v1/auth/mfa/verify with the mfa_token."


class InvalidFactor(Unauthorized):
    code, title = "invalid_factor", "That code or passkey is not right, or was used before; try another."


class StepUpRefused(Unauthorized):
    code, title = "step_up_refused", "That does not prove that it is you; try again."


class StrongerProofNeeded(Forbidden):
    code = "stronger_proof_needed"
    title = "Something stronger is needed here; GET /api/v1/auth/mfa lists it under step_up."


class TooManyAttempts(TooManyRequests):
    code = "too_many_attempts"
    title = "Too many attempts failed. Wait, use a device that you signed in on before, or a mailed link."


BY_MAIL = "Your organization was deleted; the link in the mail about it restores it within 30 days."


class NoActiveAccount(Forbidden):
    code, title = (
        "no_active_account",
        "None of your organizations is active; ask an owner of one to let you in.",
    )


class SignInBusy(Unavailable):
    code, title = "sign_in_busy", "Too many people are signing in at this moment; try again in a few seconds."
