"""Why an identity from elsewhere is not taken. The callback redirects to `/sign-in?error=` with the code; what goes
wrong at the provider itself is in `oauth/errors.py`.

Unauthorized 401
├── IdTokenInvalid           forged, expired, or made out to somebody else
├── IdpTokenInvalid          likewise, of an outside identity provider
└── TokenExpired
    └── IdpTokenExpired
Forbidden 403
├── OauthEmailUnverified     an address that the provider has not verified proves nothing
├── OauthEmailTaken          sign in the usual way, then link it
├── PersonInactive
├── IdpTenantUnknown
├── IdpTenantInactive
└── IdpMemberInactive
Conflict 409
├── IdentityTaken
└── LastWayIn
"""

from rowhouse.kernel.errors import Conflict, Forbidden, Unauthorized
from rowhouse.kernel.tokens.errors import TokenExpired


class IdTokenInvalid(Unauthorized):
    code, title = "id_token_invalid", "The provider's answer could not be verified; begin again."


class IdpTokenInvalid(Unauthorized):
    code, title = "idp_token_invalid", "This token of the identity provider is not valid here."


class IdpTokenExpired(TokenExpired):
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


class IdentityTaken(Conflict):
    code, title = "identity_taken", "This identity is linked to another account already."


class LastWayIn(Conflict):
    code, title = "last_way_in", "This is your only way to sign in; add another one first."
