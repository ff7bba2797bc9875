"""An identity provider on loopback that does as a test bids it: honest by itself, and a liar on request.

It serves discovery, keys and tokens as a real one does, and checks client, redirect address and PKCE. What it says in
tokens, and whether it answers at all, is the test's.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT_ID, CLIENT_SECRET = "rowhouse", "a secret & more"


class Server(ThreadingHTTPServer):
    """A server that says nothing of callers who have given up."""

    def handle_error(self, *_args: object) -> None:
        """Says nothing."""


@cache
def _private_key(_place: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


_PLACES = cycle(range(8))
"""A key takes a tenth of a second to make; no test has as many at once."""


def _set_event() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class Key:
    """A signing key with its kid; `algorithm` follows from its kind."""

    kid: str
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    @classmethod
    def rsa(cls) -> "Key":
        return cls(secrets.token_hex(4), _private_key(next(_PLACES)))

    @classmethod
    def ec(cls) -> "Key":
        return cls(secrets.token_hex(4), ec.generate_private_key(ec.SECP256R1()))

    @property
    def algorithm(self) -> str:
        return "RS256" if isinstance(self.private, rsa.RSAPrivateKey) else "ES256"

    def public(self) -> dict[str, Any]:
        if isinstance(self.private, rsa.RSAPrivateKey):
            described = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        else:
            described = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        described.pop("key_ops", None)
        return described | {"kid": self.kid, "use": "sig", "alg": self.algorithm}

    def sign(self, claims: Mapping[str, Any], **headers: Any) -> str:
        return jwt.encode(dict(claims), self.private, self.algorithm, headers={"kid": self.kid} | headers)


@dataclass
class Granted:
    """An authorization code, and what it was asked for with."""

    asked: dict[str, str]
    claims: dict[str, Any]


@dataclass
class Provider:
    """`down` breaks every connection, `slow_s` delays every answer, and while `answering` is cleared none goes out;
    `counted` are the requests by path. `answer` changes the token endpoint's answer before it is sent."""

    keys: list[Key] = field(default_factory=lambda: [Key.rsa()])
    down: bool = False
    slow_s: float = 0.0
    padding: int = 0
    counted: dict[str, int] = field(default_factory=dict)
    answering: threading.Event = field(default_factory=_set_event)
    lies: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, Granted] = field(default_factory=dict)
    url: str = ""
    _server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._serve({})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._serve(form | {"authorization": self.headers.get("Authorization", "")})

            def _serve(self, form: dict[str, str]) -> None:
                path = urlsplit(self.path).path
                provider.counted[path] = provider.counted.get(path, 0) + 1
                time.sleep(provider.slow_s)
                provider.answering.wait(30)
                if provider.down:
                    self.close_connection = True
                    return
                status, document = provider.respond(path, form)
                body = json.dumps(document).encode() + b" " * provider.padding
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                """Says nothing."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def grant(self, authorize_url: str, **claims: Any) -> str:
        """The person says yes: a code for what the browser was sent here with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
        code = secrets.token_urlsafe(12)
        self.codes[code] = Granted(asked, claims)
        return code

    def respond(self, path: str, form: Mapping[str, str]) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
            }
        if path in ("/jwks", "/.well-known/jwks.json"):
            return 200, {"keys": [key.public() for key in self.keys]}
        if path == "/token":
            return self._token(form)
        return 404, {}

    def _token(self, form: Mapping[str, str]) -> tuple[int, Any]:
        granted = self.codes.pop(form.get("code", ""), None)
        if granted is None or not self._is_client(form["authorization"]):
            return 400, {"error": "invalid_grant"}
        asked = granted.asked
        challenge = _s256(form.get("code_verifier", "")) if "code_challenge" in asked else None
        if asked["redirect_uri"] != form["redirect_uri"] or asked.get("code_challenge") != challenge:
            return 400, {"error": "invalid_grant"}
        access_token = secrets.token_urlsafe(16)
        moment = int(time.time())
        claims = {
            "iss": self.url,
            "aud": asked["client_id"],
            "iat": moment,
            "exp": moment + 300,
            "nonce": asked["nonce"],
            "at_hash": _half(access_token),
        } | granted.claims
        id_token = self.lies.get("id_token") or self.keys[0].sign(claims)
        return 200, {"access_token": access_token, "token_type": "Bearer", "id_token": id_token}

    @staticmethod
    def _is_client(authorization: str) -> bool:
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return authorization == f"Basic {expected}"


def _s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _half(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
