"""Texts that open something for whoever shows them. Each kind has its prefix, so that scanners of code know them, and
the log's redaction, which is made from this list, cuts them out wherever they stray."""

import base64
import re
import secrets
from collections.abc import Mapping
from typing import Literal

Kind = Literal[
    "api_key",
    "refresh",
    "operator",
    "operator_setup",
    "registration",
    "proof",
    "invitation",
    "restoration",
    "deletion",
    "oauth",
    "webhook",
]

PREFIXES: Mapping[Kind, str] = {
    "api_key": "rh_live_",
    "refresh": "rt_",
    "operator": "op_",
    "operator_setup": "rh_setup_",
    "registration": "rh_reg_",
    "proof": "rh_proof_",
    "invitation": "rh_inv_",
    "restoration": "rh_back_",
    "deletion": "rh_keep_",
    "oauth": "rh_oauth_",
    "webhook": "whsec_",
}
"""`proof`: what a mail proves, and a sign-in that waits for its second factor. `oauth`: state, nonce, verifier and
browser's cookie of a sign-in at a provider. `webhook`: what our messages are signed with, as Standard Webhooks writes it."""

SIGNS = tuple({prefix[:3] for prefix in PREFIXES.values()})
"""One of these is in every text that holds a token of ours."""

MINTED = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(PREFIXES.values())})[\w+/=-]{{16,}}")


def mint(kind: Kind) -> str:
    """A new token of 256 random bits; keep its hash alone, or of a webhook's secret what is sealed."""
    if kind == "webhook":
        return PREFIXES[kind] + base64.b64encode(secrets.token_bytes(32)).decode()
    return PREFIXES[kind] + secrets.token_urlsafe(32)
