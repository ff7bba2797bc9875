"""A second factor for the people of these tests."""

import time

import pyotp

from tests.kernel.identity.doubles import Caller, data

STEP_S = 30


async def enrol(caller: Caller) -> str:
    """Sets an authenticator app up for who has just signed in; returns its secret. The present code is used."""
    secret = str(data(await caller.post("/mfa/totp"))["secret"])
    data(await caller.post("/mfa/totp/confirm", {"code": pyotp.TOTP(secret).now()}))
    return secret


def next_code(secret: str) -> str:
    """The code of the step to come, which is taken already."""
    return pyotp.TOTP(secret).at(int(time.time()) + STEP_S)
