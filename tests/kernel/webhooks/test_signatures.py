"""What providers sign, each scheme against what its provider documents; everything else is refused."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from rowhouse.kernel.webhooks.incoming.errors import WebhookRefused
from rowhouse.kernel.webhooks.incoming.provider import WebhookProvider
from rowhouse.kernel.webhooks.incoming.signatures import (
    Arrival,
    Either,
    HeaderSecret,
    HmacSignature,
    Scheme,
    SignedParts,
    StandardWebhooks,
    Unsigned,
)

AT = 1_780_000_000
SECRET, NEXT = "the provider's secret", "the provider's next secret"
WHSEC = "whsec_" + base64.b64encode(b"k" * 32).decode()
BODY = '{"id": 1, "text": "ü"}'.encode()


def mac(content: bytes, secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), content, hashlib.sha256).digest()


def base64ed(content: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(mac(content, secret)).decode()


SHOPIFY = HmacSignature("X-Shopify-Hmac-Sha256", "base64")
META = HmacSignature("X-Hub-Signature-256", prefix="sha256=")
POLAR = HmacSignature("Polar-Webhook-Signature")
OURA = HmacSignature("x-oura-signature", time_header="x-oura-timestamp")
WHOOP = HmacSignature(
    "X-WHOOP-Signature", "base64", time_header="X-WHOOP-Signature-Timestamp", time_unit="ms"
)
STRAVA = SignedParts("X-Strava-Signature")
STANDARD = StandardWebhooks()


def standard(at: int = AT, secret: str = WHSEC) -> dict[str, str]:
    moment = datetime.fromtimestamp(at, UTC)
    signature = Webhook(secret).sign("msg_1", moment, BODY.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}


GOOD: list[tuple[Scheme, str, Mapping[str, str]]] = [
    (SHOPIFY, SECRET, {"x-shopify-hmac-sha256": base64ed(BODY)}),
    (META, SECRET, {"x-hub-signature-256": "sha256=" + mac(BODY).hex()}),
    (POLAR, SECRET, {"polar-webhook-signature": mac(BODY).hex()}),
    (
        OURA,
        SECRET,
        {"x-oura-timestamp": str(AT), "x-oura-signature": mac(str(AT).encode() + BODY).hex().upper()},
    ),
    (
        WHOOP,
        SECRET,
        {
            "x-whoop-signature-timestamp": f"{AT}123",
            "x-whoop-signature": base64ed(f"{AT}123".encode() + BODY),
        },
    ),
    (STRAVA, SECRET, {"x-strava-signature": f"t={AT},v1={mac(f'{AT}.'.encode() + BODY).hex()}"}),
    (STANDARD, WHSEC, standard()),
    (Unsigned(STRAVA), SECRET, {"x-strava-signature": f"t={AT},v1={mac(f'{AT}.'.encode() + BODY).hex()}"}),
    (
        Either((("x-a", POLAR), ("polar-webhook-signature", POLAR))),
        SECRET,
        {"polar-webhook-signature": mac(BODY).hex()},
    ),
]
IDS = ["shopify", "meta", "polar", "oura", "whoop", "strava", "standard", "strava configured", "either"]
TIMED = [case for case in GOOD if case[0] in (OURA, WHOOP, STRAVA, STANDARD)]


def arrival(headers: Mapping[str, str], body: bytes = BODY, at: float = AT) -> Arrival:
    return Arrival(headers, body, at)


def reason(scheme: Scheme, secrets: list[str], came: Arrival) -> str:
    with pytest.raises(WebhookRefused) as refused:
        scheme.verify(secrets, came)
    return refused.value.reason


@pytest.mark.parametrize(("scheme", "secret", "headers"), GOOD, ids=IDS)
def test_a_good_signature_binds_the_body_and_no_other(
    scheme: Scheme, secret: str, headers: Mapping[str, str]
) -> None:
    assert scheme.verify([secret], arrival(headers)) is True
    another = "whsec_" + base64.b64encode(b"n" * 32).decode() if secret == WHSEC else NEXT
    # During a rotation either secret is good, in whatever order.
    assert scheme.verify([another, secret], arrival(headers)) is True
    assert reason(scheme, [another], arrival(headers)) == "wrong_signature"
    assert reason(scheme, [secret], arrival(headers, BODY + b" ")) == "wrong_signature"
    assert reason(scheme, [secret], arrival({})) == "unsigned"
    for name, value in headers.items():
        # Whatever header is spoilt, nothing but a refusal comes of it.
        for spoilt in (
            "",
            "x",
            value[:-2],
            value + "00",
            "sha256=" + value,
            "ü" * 64,
            value.swapcase() + "=",
        ):
            reason(scheme, [secret], arrival({**headers, name: spoilt}))


@pytest.mark.parametrize(("scheme", "secret", "headers"), GOOD[:7], ids=IDS[:7])
@pytest.mark.parametrize("none", [[], [""]])
def test_without_a_secret_nothing_is_proved(
    scheme: Scheme, secret: str, headers: Mapping[str, str], none: list[str]
) -> None:
    assert reason(scheme, none, arrival(headers)) == "wrong_signature"


@pytest.mark.parametrize(("scheme", "secret", "headers"), TIMED)
def test_an_old_or_early_one_is_stale(scheme: Scheme, secret: str, headers: Mapping[str, str]) -> None:
    for at in (AT - 299, AT + 299):
        assert scheme.verify([secret], arrival(headers, at=at))
    for at in (AT - 302, AT + 302):
        assert reason(scheme, [secret], arrival(headers, at=at)) == "stale"


@pytest.mark.parametrize("written", ["now", "-1", "1e9", "²", "1" * 30])
def test_a_time_that_is_none_is_stale_even_when_signed(written: str) -> None:
    signed = {"x-oura-timestamp": written, "x-oura-signature": mac(written.encode() + BODY).hex()}
    assert reason(OURA, [SECRET], arrival(signed)) == "stale"


def test_several_signatures_may_come_and_one_must_be_good() -> None:
    headers = standard()
    good = headers["webhook-signature"]
    for shown in (f"v1,AAAA {good}", f"{good} v1a,zzz", f"v9,x {good}"):
        assert STANDARD.verify([WHSEC], arrival({**headers, "webhook-signature": shown}))
    assert (
        reason(STANDARD, [WHSEC], arrival({**headers, "webhook-signature": good.replace("v1,", "v2,")}))
        == "unsigned"
    )


def test_a_shared_header_binds_nothing() -> None:
    garmin = HeaderSecret("garmin-client-id")
    assert garmin.verify(["client"], arrival({"garmin-client-id": "client"})) is False
    assert reason(garmin, ["client"], arrival({"garmin-client-id": "other"})) == "wrong_signature"
    assert reason(garmin, [], arrival({"garmin-client-id": "client"})) == "wrong_signature"


async def nothing(*_: Any) -> str:
    return ""


@pytest.mark.parametrize("scheme", [Unsigned(), HeaderSecret("x")])
def test_a_provider_that_signs_nothing_must_be_asked_again(scheme: Scheme) -> None:
    with pytest.raises(ValueError, match="fetch before it is believed"):
        WebhookProvider("trial", scheme, lambda _: ("", ""), nothing)
