"""Routes that differ from the plain one, which asks for a permission: each by name, with its reason. A route that
loses its permission, or its demand for a recent proof, is found because it is not named here, or still is."""

from collections.abc import Mapping

PERSONAL: Mapping[str, str] = {
    "POST /api/v1/auth/logout": "one's own session",
    "POST /api/v1/auth/logout-all": "one's own sessions",
    "GET /api/v1/auth/me": "oneself",
    "PATCH /api/v1/auth/me": "one's own name",
    "POST /api/v1/auth/password/change": "one's own password, shown first",
    "POST /api/v1/auth/email": "one's own address",
    "POST /api/v1/auth/email/verify": "likewise",
    "GET /api/v1/auth/mfa": "one's own second factors",
    "POST /api/v1/auth/mfa/totp": "likewise",
    "POST /api/v1/auth/mfa/totp/confirm": "likewise",
    "DELETE /api/v1/auth/mfa/totp": "likewise",
    "POST /api/v1/auth/mfa/recovery-codes": "likewise",
    "POST /api/v1/auth/step-up": "one's own session",
    "POST /api/v1/auth/step-up/mail": "one's own mailbox",
    "GET /api/v1/auth/sessions": "one's own sessions",
    "DELETE /api/v1/auth/sessions": "likewise",
    "DELETE /api/v1/auth/sessions/{session_id}": "likewise",
    "POST /api/v1/auth/switch": "one's own accounts",
    "GET /api/v1/auth/security-events": "what happened to one's own account",
    "GET /api/v1/auth/passkeys": "one's own passkeys",
    "POST /api/v1/auth/passkeys": "likewise",
    "POST /api/v1/auth/passkeys/options": "likewise",
    "PATCH /api/v1/auth/passkeys/{passkey_id}": "likewise",
    "DELETE /api/v1/auth/passkeys/{passkey_id}": "likewise",
    "GET /api/v1/auth/identities": "one's own identities elsewhere",
    "POST /api/v1/auth/identities": "likewise",
    "DELETE /api/v1/auth/identities/{identity_id}": "likewise",
    "GET /api/v1/rate-limit-status": "one's own counters",
    "GET /api/v1/flags": "names of features, as they are for one's own organization",
    "GET /api/v1/organizations": "those where one has an account",
    "POST /api/v1/organizations": "everybody may found one",
    "POST /api/v1/organizations/{organization_id}/restore": "one that the person owned; nobody has permissions there",
    "POST /api/v1/invitations/accept": "the invitation is the credential, and the address must be one's own",
    "GET /api/v1/onboarding/progress": "one's own onboarding",
    "PUT /api/v1/onboarding/progress": "likewise",
    "POST /api/v1/onboarding/complete": "likewise",
}
"""Routes that any signed-in account may call: what they touch is the person's own."""

SENSITIVE = frozenset(
    {
        "POST /api/v1/auth/email",
        "POST /api/v1/auth/email/verify",
        "POST /api/v1/auth/mfa/totp",
        "POST /api/v1/auth/mfa/totp/confirm",
        "DELETE /api/v1/auth/mfa/totp",
        "POST /api/v1/auth/mfa/recovery-codes",
        "POST /api/v1/auth/passkeys",
        "POST /api/v1/auth/passkeys/options",
        "DELETE /api/v1/auth/passkeys/{passkey_id}",
        "POST /api/v1/auth/identities",
        "DELETE /api/v1/auth/identities/{identity_id}",
        "POST /api/v1/roles",
        "PATCH /api/v1/roles/{role_id}",
        "DELETE /api/v1/roles/{role_id}",
        "POST /api/v1/api-keys",
        "POST /api/v1/api-keys/{key_id}/rotate",
        "PATCH /api/v1/organizations/{organization_id}/members/{account_id}",
        "DELETE /api/v1/organizations/{organization_id}/members/{account_id}",
        "POST /api/v1/organizations/{organization_id}/members/{account_id}/make-owner",
        "DELETE /api/v1/organizations/{organization_id}",
        "POST /api/v1/audit/export",
        "POST /api/v1/webhook-endpoints",
        "PATCH /api/v1/webhook-endpoints/{endpoint_id}",
        "POST /api/v1/webhook-endpoints/{endpoint_id}/rotate",
    }
)
"""Routes that ask for a proof of identity of the last ten minutes: factors, roles, keys, deletion, exports."""
