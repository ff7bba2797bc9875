"""The kernel's own flags."""

from rowhouse.kernel.flags.flag import Flag

OAUTH_PKCE = Flag("oauth_pkce", True, "PKCE for every sign-in and connection at a provider.")
MFA_REQUIRED = Flag(
    "mfa_required",
    False,
    "Nobody does anything without a second factor. Off: each organization decides by its own policy.",
    shared=False,
)
BULK_EXPORT = Flag(
    "bulk_export",
    True,
    "Exports of many things at once as files. What the law gives everybody has no switch.",
)
WEBHOOK_SYNC = Flag("webhook_sync", True, "Providers' webhooks start syncs; without it the clock alone does.")
PASSWORD_GRANT = Flag(
    "unsupported_password_grant",
    False,
    "OAuth's password grant, which hands a person's password to a client. It can't be turned on.",
    locked=True,
)

KERNEL_FLAGS = (OAUTH_PKCE, MFA_REQUIRED, BULK_EXPORT, WEBHOOK_SYNC, PASSWORD_GRANT)
