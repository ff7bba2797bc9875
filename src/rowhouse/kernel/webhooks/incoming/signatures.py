"""How providers prove that a webhook is theirs. Every comparison takes the same time wherever it fails, and with no
secret configured nothing is proved.

A scheme raises `WebhookRefused` or answers whether its proof covers the body. All secrets given are good: two of
them are a rotation under way.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from rowhouse.kernel.webhooks.incoming.errors import WebhookRefused

TOLERANCE_S = 300
"""How far a signed time may be from ours."""

Encoding = Literal["hex", "base64"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A webhook as it came: names of headers in lower case, raw bytes, seconds since 1970."""

    headers: Mapping[str, str]
    body: bytes
    at: float


class Scheme(Protocol):
    """`signed` says whether there is a signature at all: what comes without one is asked of the provider again."""

    signed: ClassVar[bool]

    def verify(self, secrets: Sequence[str], arrival: Arrival) -> bool: ...


def same(shown: str, known: Iterable[str]) -> bool:
    """Whether `shown` is one of `known`; every one of them is looked at."""
    found = False
    for one in known:
        found |= bool(one) and hmac.compare_digest(shown.encode(), one.encode())
    return found


@dataclass(frozen=True, slots=True)
class HmacSignature:
    """HMAC-SHA256 of the raw body, with the time before it where a header tells one.

    Shopify: `X-Shopify-Hmac-Sha256`, base64. Meta: `X-Hub-Signature-256`, hex after `sha256=`. Polar: hex. WHOOP: base64
    over time (in ms) and body. Oura: hex in capitals over time and body.
    """

    header: str
    encoding: Encoding = "hex"
    prefix: str = ""
    time_header: str | None = None
    time_unit: Literal["s", "ms"] = "s"
    joint: str = ""
    tolerance_s: int = TOLERANCE_S
    signed: ClassVar[bool] = True

    def verify(self, secrets: Sequence[str], arrival: Arrival) -> bool:
        shown = _header(arrival, self.header)
        if not shown.startswith(self.prefix):
            raise WebhookRefused("wrong_signature")
        content = arrival.body
        if self.time_header is not None:
            written = _header(arrival, self.time_header)
            content = f"{written}{self.joint}".encode() + arrival.body
        _check(shown.removeprefix(self.prefix), content, _raw(secrets), self.encoding)
        if self.time_header is not None:
            _fresh(written, arrival.at, self.tolerance_s, 1000 if self.time_unit == "ms" else 1)
        return True


@dataclass(frozen=True, slots=True)
class SignedParts:
    """`t=…,v1=…[,v1=…]` in one header, over `{t}.{body}`: Stripe's, and what some see of Strava's."""

    header: str
    tolerance_s: int = TOLERANCE_S
    signed: ClassVar[bool] = True

    def verify(self, secrets: Sequence[str], arrival: Arrival) -> bool:
        parts = [part.strip().partition("=") for part in _header(arrival, self.header).split(",")[:10]]
        written = next((value for name, _, value in parts if name == "t"), "")
        content = f"{written}.".encode() + arrival.body
        shown = [value for name, _, value in parts if name == "v1"]
        _check_any(shown, content, _raw(secrets), "hex")
        _fresh(written, arrival.at, self.tolerance_s, 1)
        return True


@dataclass(frozen=True, slots=True)
class StandardWebhooks:
    """The specification of that name: `webhook-id`, `webhook-timestamp`, `webhook-signature` with `v1,` and base64."""

    tolerance_s: int = TOLERANCE_S
    signed: ClassVar[bool] = True

    def verify(self, secrets: Sequence[str], arrival: Arrival) -> bool:
        id_, written = _header(arrival, "webhook-id"), _header(arrival, "webhook-timestamp")
        given = [part.partition(",") for part in _header(arrival, "webhook-signature").split(" ")[:10]]
        content = f"{id_}.{written}.".encode() + arrival.body
        _check_any(
            [value for version, _, value in given if version == "v1"], content, _keys(secrets), "base64"
        )
        _fresh(written, arrival.at, self.tolerance_s, 1)
        return True


@dataclass(frozen=True, slots=True)
class HeaderSecret:
    """A header with the secret itself, as Garmin's `garmin-client-id`: it shows who speaks and binds nothing."""

    header: str
    signed: ClassVar[bool] = False

    def verify(self, secrets: Sequence[str], arrival: Arrival) -> bool:
        if not same(_header(arrival, self.header), secrets):
            raise WebhookRefused("wrong_signature")
        return False


@dataclass(frozen=True, slots=True)
class Unsigned:
    """The provider signs nothing: the secret path is all. `optional` is tried as soon as a secret is configured."""

    optional: Scheme | None = None
    signed: ClassVar[bool] = False

    def verify(self, secrets: Sequence[str], arrival: Arrival) -> bool:
        if self.optional is None or not secrets:
            return False
        return self.optional.verify(secrets, arrival)


@dataclass(frozen=True, slots=True)
class Either:
    """The first proof whose header is there counts, and must be good, whatever else is shown."""

    choices: tuple[tuple[str, Scheme], ...]
    signed: ClassVar[bool] = True

    def verify(self, secrets: Sequence[str], arrival: Arrival) -> bool:
        for header, scheme in self.choices:
            if header in arrival.headers:
                return scheme.verify(secrets, arrival)
        raise WebhookRefused("unsigned")


def _header(arrival: Arrival, name: str) -> str:
    found = arrival.headers.get(name.lower(), "")
    if not found:
        raise WebhookRefused("unsigned")
    return found


def _raw(secrets: Iterable[str]) -> list[bytes]:
    return [secret.encode() for secret in secrets if secret]


def _keys(secrets: Iterable[str]) -> list[bytes]:
    """`whsec_…` is base64 of the key; one that is none is no secret of this scheme."""
    found = []
    for secret in secrets:
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError):
            continue
        if key:
            found.append(key)
    return found


def _check(shown: str, content: bytes, keys: Sequence[bytes], encoding: Encoding) -> None:
    _check_any([shown], content, keys, encoding)


def _check_any(shown: Sequence[str], content: bytes, keys: Sequence[bytes], encoding: Encoding) -> None:
    """Every key is tried on every signature."""
    if not shown:
        raise WebhookRefused("unsigned")
    decode = _unhex if encoding == "hex" else _unbase64
    good = False
    for key in keys:
        digest = hmac.new(key, content, hashlib.sha256).digest()
        for one in shown:
            good |= hmac.compare_digest(decode(one), digest)
    if not good:
        raise WebhookRefused("wrong_signature")


def _unhex(shown: str) -> bytes:
    try:
        return bytes.fromhex(shown)
    except ValueError:
        return b""


def _unbase64(shown: str) -> bytes:
    try:
        return base64.b64decode(shown, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _fresh(written: str, at: float, tolerance_s: int, units_a_second: int) -> None:
    """A time is asked for only once it is proved: a stranger learns nothing of our clock."""
    if not (written.isascii() and written.isdigit() and len(written) <= 16):
        raise WebhookRefused("stale")
    if abs(int(written) / units_a_second - at) > tolerance_s:
        raise WebhookRefused("stale")
