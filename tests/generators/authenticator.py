"""A passkey authenticator in software: answers `navigator.credentials`' options with what a browser's `toJSON` gives."""

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(frozen=True, slots=True)
class Credential:
    """What the authenticator keeps of one passkey."""

    id: bytes
    user_handle: bytes
    rp_id: str
    key: ec.EllipticCurvePrivateKey


@dataclass
class Authenticator:
    """One device. `counts` makes it count its signatures, as a clone test needs; passkeys that are synced don't."""

    origin: str
    verifies: bool = True
    counts: bool = True
    counter: int = 0
    credentials: list[Credential] = field(default_factory=list)

    def create(self, options: Mapping[str, Any], *, credential_id: bytes | None = None) -> dict[str, Any]:
        """`(await navigator.credentials.create({publicKey: options})).toJSON()`."""
        excluded = {decode(one["id"]) for one in options.get("excludeCredentials", [])}
        assert not [one for one in self.credentials if one.id in excluded], "InvalidStateError"
        key = ec.generate_private_key(ec.SECP256R1())
        made = Credential(
            credential_id or secrets.token_bytes(32), decode(options["user"]["id"]), options["rp"]["id"], key
        )
        self.credentials.append(made)
        attested = bytes(16) + struct.pack(">H", len(made.id)) + made.id + _cose(key)
        data = self._data(made.rp_id, ATTESTED) + attested
        return self._answer(
            made,
            attestationObject=encode(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            clientDataJSON=encode(self._client_data("webauthn.create", options["challenge"])),
            transports=["internal"],
        )

    def get(self, options: Mapping[str, Any], *, origin: str | None = None) -> dict[str, Any]:
        """`(await navigator.credentials.get({publicKey: options})).toJSON()` with the newest passkey."""
        used = self.credentials[-1]
        client_data = self._client_data("webauthn.get", options["challenge"], origin)
        data = self._data(options["rpId"])
        signature = used.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            used,
            authenticatorData=encode(data),
            clientDataJSON=encode(client_data),
            signature=encode(signature),
            userHandle=encode(used.user_handle),
        )

    def _data(self, rp_id: str, flags: int = 0) -> bytes:
        self.counter += 1
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        count = self.counter if self.counts else 0
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, count)

    def _client_data(self, kind: str, challenge: str, origin: str | None = None) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": origin or self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, credential: Credential, **response: Any) -> dict[str, Any]:
        return {
            "id": encode(credential.id),
            "rawId": encode(credential.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _cose(key: ec.EllipticCurvePrivateKey) -> bytes:
    numbers = key.public_key().public_numbers()
    x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
