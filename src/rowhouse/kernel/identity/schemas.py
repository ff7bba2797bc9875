"""What identity's routes take and give."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, SecretStr, StringConstraints
from pydantic_core import PydanticCustomError

from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.identity.passwords import LONGEST
from rowhouse.kernel.identity.texts import Email, Name

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


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

PERSON: dict[str, JsonValue] = {"email": "ada@example.com", "name": "Ada Byron"}


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
    organization_name: str = Field(examples=["Ada Byron"])


class OrganizationView(View):
    id: UUID
    name: str
    kind: Literal["personal", "team"]
    state: Literal["provisioning", "active", "suspended", "deleted", "erased"]


class PermissionView(View):
    permission: str = Field(examples=["fitness.workouts.read"])
    source: str = Field(description="where it comes from", examples=["role:owner"])


class MeView(View):
    user: UserView
    account: AccountView
    accounts: list[OwnAccountView]
    organization: OrganizationView
    permissions: list[PermissionView]


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
