"""Certificates of erasure: what went, when, and how much, signed with the key that signs access tokens.

A certificate is a document with a JSON Web Signature (RFC 7515, RS256) over the same statement. It holds ids, counts
and times; of the person nothing.
"""

from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import select

from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.tokens.models import SigningKey

TYPE = "erasure-certificate+jwt"
AUDIENCE = "erasure-certificate"
ALGORITHM = "RS256"


class CertificateInvalid(ValueError):
    """The certificate was not signed by us, or was altered since."""


async def certify(platform: Platform, statement: Mapping[str, Any]) -> dict[str, Any]:
    """The statement with its signature."""
    kid, private = await platform.tokens.keys.signing()
    payload = {"iss": platform.settings.public_url, "aud": AUDIENCE, "statement": dict(statement)}
    signature = jwt.encode(payload, private, algorithm=ALGORITHM, headers={"kid": kid, "typ": TYPE})
    return {"statement": dict(statement), "signature": signature}


async def known_keys(database: Database) -> dict[str, Any]:
    """Every public key that has ever signed, by kid: certificates outlive the keys' use."""
    async with database.session(Binding()) as session:
        rows = (await session.execute(select(SigningKey.kid, SigningKey.public_pem))).all()
    return {row.kid: load_pem_public_key(row.public_pem.encode()) for row in rows}


def keys_of_jwks(jwks: Mapping[str, Any]) -> dict[str, Any]:
    return {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(dict(jwks)).keys if key.key_id}


def verify_certificate(certificate: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """What a certificate states. Raises `CertificateInvalid`."""
    try:
        signature = str(certificate["signature"])
        header = jwt.get_unverified_header(signature)
        if header.get("typ") != TYPE:
            raise CertificateInvalid("this is no certificate of erasure")
        key = keys.get(str(header.get("kid")))
        if key is None:
            raise CertificateInvalid("no key of ours has the id that it names")
        payload = jwt.decode(signature, key, algorithms=[ALGORITHM], audience=AUDIENCE)
        stated: dict[str, Any] = payload["statement"]
    except (jwt.InvalidTokenError, KeyError, TypeError) as error:
        raise CertificateInvalid("the signature does not hold") from error
    if stated != certificate.get("statement"):
        raise CertificateInvalid("the statement is not the one that was signed")
    return stated
