"""What passkeys' routes take and give. Options and credentials are those of the browser's own JSON:
`PublicKeyCredential.parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON` and `toJSON`."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.identity.schemas import SignInOptions
from rowhouse.kernel.identity.texts import Name

Base64Url = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]*$", max_length=20_000)]


class _Browsers(Payload):
    """What the browser gives; later versions of WebAuthn may add fields, which are let be."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=False)


class AttestationResponse(_Browsers):
    clientDataJSON: Base64Url  # noqa: N815 - the browser's names
    attestationObject: Base64Url  # noqa: N815
    transports: list[Annotated[str, Field(max_length=40)]] = Field([], max_length=10)


class AssertionResponse(_Browsers):
    clientDataJSON: Base64Url  # noqa: N815
    authenticatorData: Base64Url  # noqa: N815
    signature: Base64Url
    userHandle: Base64Url | None = None  # noqa: N815


class NewCredential(_Browsers):
    """`(await navigator.credentials.create(…)).toJSON()`."""

    id: Base64Url
    rawId: Base64Url  # noqa: N815
    type: Literal["public-key"]
    response: AttestationResponse


class Assertion(_Browsers):
    """`(await navigator.credentials.get(…)).toJSON()`."""

    id: Base64Url
    rawId: Base64Url  # noqa: N815
    type: Literal["public-key"]
    response: AssertionResponse


class NewPasskeyRequest(Payload):
    name: Name = Field(examples=["The phone"])
    credential: NewCredential


class RenamePasskeyRequest(Payload):
    name: Name


class PasskeySignInRequest(SignInOptions):
    credential: Assertion


class OptionsView(View):
    """Options for `navigator.credentials`, good for five minutes and one use."""

    options: dict[str, Any] = Field(examples=[{"challenge": "…", "rpId": "rowhouse.example"}])


class PasskeyView(View):
    id: UUID
    name: str
    synced: bool = Field(description="whether it lives on several devices of its person")
    created_at: datetime
    last_used_at: datetime | None
