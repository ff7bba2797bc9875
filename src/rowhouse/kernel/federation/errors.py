"""Why an identity from elsewhere is not taken. The callback redirects to `/sign-in?error=` with the code.

Unauthorized 401
├── OauthStateInvalid        expired, used, of another browser or another provider
├── OauthDenied              the person or the provider said no
├── IdTokenInvalid           forged, expired, or made out to somebody else
├── IdpTokenInvalid          likewise, of an outside identity provider
└── IdpTokenExpired
Forbidden 403
├── OauthEmailUnverified     an address that the provider has not verified proves nothing
├── OauthEmailTaken          sign in the usual way, then link it
├── PersonInactive
├── IdpTenantUnknown
├── IdpTenantInactive
└── IdpMemberInactive
NotFound 404
└── ProviderUnknown
Conflict 409
├── IdentityTaken
└── LastWayIn
Unavailable 503
└── ProviderAway
"""

from rowhouse.kernel.errors import Conflict, Forbidden, NotFound, Unauthorized, Unavailable


class OauthStateInvalid(Unauthorized):
    code, title = "oauth_state_invalid", "This sign-in was begun elsewhere or took too long; begin again."


class OauthDenied(Unauthorized):
    code, title = (
        "oauth_denied",
        "The provider did not confirm who you are; try again or sign in another way.",
    )


class IdTokenInvalid(Unauthorized):
    code, title = "id_token_invalid", "The provider's answer could not be verified; begin again."


class IdpTokenInvalid(Unauthorized):
    code, title = "idp_token_invalid", "This token of the identity provider is not valid here."


class IdpTokenExpired(Unauthorized):
    code, title = "idp_token_expired", "This token of the identity provider has expired; renew it there."


class OauthEmailUnverified(Forbidden):
    code = "oauth_email_unverified"
    title = "The provider has not verified your email address; verify it there, or sign up here."


class OauthEmailTaken(Forbidden):
    code = "oauth_email_taken"
    title = (
        "You have an account with this email; sign in the usual way, then link the provider under Security."
    )


class PersonInactive(Forbidden):
    code, title = "person_inactive", "This account is suspended; ask an owner of your organization."


class IdpTenantUnknown(Forbidden):
    code = "idp_tenant_unknown"
    title = (
        "The identity provider names an organization that is not known here; ask an operator to connect it."
    )


class IdpTenantInactive(Forbidden):
    code, title = "idp_tenant_inactive", "This organization is not active."


class IdpMemberInactive(Forbidden):
    code, title = "idp_member_inactive", "Your membership of this organization is suspended."


class ProviderUnknown(NotFound):
    code, title = "provider_unknown", "There is no such provider here; GET /api/v1/auth/providers lists them."


class IdentityTaken(Conflict):
    code, title = "identity_taken", "This identity is linked to another account already."


class LastWayIn(Conflict):
    code, title = "last_way_in", "This is your only way to sign in; add another one first."


class ProviderAway(Unavailable):
    code, title = "provider_away", "The provider can't be reached just now; try again in a moment."
