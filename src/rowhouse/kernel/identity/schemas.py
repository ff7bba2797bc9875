"""What identity's routes take and give."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.identity.passwords import LONGEST
from rowhouse.kernel.identity.texts import Email, Name

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
FactorCode = Annotated[str, StringConstraints(min_length=6, max_length=20)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=100)]


def _is_text(password: SecretStr) -> SecretStr:
    try:
        password.get_secret_value().encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError("password_not_text", "This holds half a character.") from error
    return password


NewPassword = Annotated[
    SecretStr,
    Field(max_length=LONGEST, description="at least 12 characters, hard to guess"),
    AfterValidator(_is_text),
]
GivenPassword = Annotated[SecretStr, Field(max_length=1024), AfterValidator(_is_text)]

PERSON: dict[str, JsonValue] = {"email": "somebody@example.org", "name": "Somebody New"}


class RegisterRequest(Payload):
    model_config = ConfigDict(
        str_strip_whitespace=False,
        json_schema_extra={"examples": [PERSON | {"password": "seven-otters-juggle-plums"}]},
    )

    email: Email
    password: NewPassword
    name: Name
    organization: Name | None = Field(
        None, description="names a team; without it the organization is one's own"
    )


class ResendCodeRequest(Payload):
    email: Email


class SignInOptions(Payload):
    """How a session is to be begun."""

    model_config = ConfigDict(str_strip_whitespace=False)

    cookies: bool = Field(False, description="for browsers: the tokens come only as cookies")
    stay: bool = Field(False, description="stay signed in beyond 24 hours; counts with cookies only")


class VerifyEmailRequest(SignInOptions):
    email: Email
    code: Code
    registration: str | None = Field(
        None,
        max_length=100,
        description="from the answer to one's own registration: then only its code counts",
    )


class MagicLinkRequest(Payload):
    email: Email


class VerifyMagicLinkRequest(SignInOptions):
    """Either email and code, or the token from the link."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": PERSON["email"], "code": "482913", "cookies": False}]}
    )

    email: Email | None = None
    code: Code | None = None
    token: Token | None = None

    @model_validator(mode="after")
    def one_or_the_other(self) -> Self:
        by_code = self.email is not None and self.code is not None
        if by_code == (self.token is not None):
            raise PydanticCustomError("code_or_token", "Give email and code, or the token from the link.")
        return self


class ResetPasswordRequest(Payload):
    model_config = ConfigDict(str_strip_whitespace=False)

    token: Token
    password: NewPassword
    end_api_keys: bool = Field(True, description="ends all API keys of the person, in every organization")


class ChangePasswordRequest(Payload):
    model_config = ConfigDict(str_strip_whitespace=False)

    old: GivenPassword
    new: NewPassword
    end_api_keys: bool = Field(False, description="ends all API keys of the person, in every organization")


class VerifyNewEmailRequest(Payload):
    code: Code


class UnlockRequest(Payload):
    token: Token


class ChangeMeRequest(Payload):
    name: Name


class SwitchRequest(Payload):
    account_id: UUID


class ConfirmTotpRequest(Payload):
    code: Code


class VerifyMfaRequest(Payload):
    """A code of the authenticator app or a recovery code, or a passkey's assertion."""

    mfa_token: Token
    code: FactorCode | None = None
    passkey: dict[str, JsonValue] | None = Field(None, description="a PublicKeyCredential as JSON")


class StepUpRequest(Payload):
    """One of what GET /auth/mfa lists under `step_up`. `code` is of the authenticator app, a recovery code, or the
    one mailed."""

    model_config = ConfigDict(str_strip_whitespace=False)

    password: GivenPassword | None = None
    code: FactorCode | None = None
    passkey: dict[str, JsonValue] | None = Field(None, description="a PublicKeyCredential as JSON")


class LoginRequest(SignInOptions):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": PERSON["email"], "password": "seven-otters-juggle-plums"}]}
    )

    email: Email
    password: GivenPassword


class RefreshRequest(Payload):
    refresh_token: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="without it, the cookie is used and answered by cookies"
    )


class MailedView(View):
    """Said of every address alike."""

    email: str = Field(description="where mail goes, if any is due", examples=[PERSON["email"]])


class RegisteredView(MailedView):
    registration: str = Field(description="to be shown with the mailed code; known to this caller alone")


class AccountView(View):
    id: UUID
    organization_id: UUID
    role: str


class SignedInView(View):
    """A session's tokens; null where they came as cookies."""

    access_token: str | None
    refresh_token: str | None
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  # a scheme, no secret
    expires_in: int = Field(description="seconds that the access token lives", examples=[900])
    account: AccountView


class UserView(View):
    id: UUID
    email: str = Field(examples=[PERSON["email"]])
    name: str = Field(examples=[PERSON["name"]])
    email_verified: bool


class OwnAccountView(AccountView):
    organization_name: str = Field(examples=["Otters"])


class OrganizationView(View):
    id: UUID
    name: str
    kind: Literal["personal", "team"]
    state: Literal["provisioning", "active", "suspended", "deleted", "erased"]


class PermissionView(View):
    permission: str = Field(examples=["fitness.workouts.read"])
    source: str = Field(
        description="`role:<name>`, `key:<id>` of an API key, or `grant:<id>` on one thing of another's",
        examples=["role:owner"],
    )


class MeView(View):
    user: UserView
    account: AccountView
    accounts: list[OwnAccountView]
    organization: OrganizationView
    permissions: list[PermissionView]


class MfaView(View):
    """What the person can prove themselves by, and what a step-up takes now."""

    totp: bool
    passkeys: int
    recovery_codes_left: int
    step_up: list[Literal["totp", "recovery", "passkey", "password", "mail"]]


class TotpView(View):
    secret: str = Field(description="base32, for typing in")
    uri: str = Field(description="otpauth://, for a QR code")


class RecoveryCodesView(View):
    """Shown once."""

    recovery_codes: list[str] = Field(examples=[["k7m2p-x9rtq"]])


class SteppedUpView(View):
    authenticated_at: datetime


class SessionView(View):
    id: UUID
    current: bool
    device: str = Field(examples=["Firefox on Linux"])
    client_address: str
    place: str | None = Field(examples=["Lyon, FR"])
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    organization_name: str | None


class CsrfView(View):
    csrf_token: str


class Jwk(View):
    """A public RSA key (RFC 7517)."""

    kid: str
    kty: Literal["RSA"]
    use: Literal["sig"]
    alg: Literal["RS256"]
    n: str
    e: str


class Jwks(View):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[Jwk]
