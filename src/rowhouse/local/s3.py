"""A private server that speaks S3 and checks signatures: moto's, which keeps its objects in memory."""

import json
import re
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode

from rowhouse.local.accounts import Account
from rowhouse.local.server import Server

BUCKET = "rowhouse"
REGION = "us-east-1"
PERSON = "rowhouse"
ANYTHING_IN_S3 = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
# What happens before signatures count: a user, what it may do, its key, the bucket.
UNSIGNED_ACTIONS = 4
PAGE_OF_KEYS = 100
"""Others list a thousand at a time: here what clients do at the end of a page is met sooner."""
IAM = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0"


class S3Server(Server):
    """An S3 on 127.0.0.1 with one bucket and one key, made anew at each start.

    It stands in for a service somewhere else: what it holds lasts as long as it runs.
    """

    name = "s3"

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._key: tuple[str, str] | None = None

    def choose_account(self) -> Account:
        # Like Rowhouse's own processes it runs from the caller's Python environment.
        return Account()

    @property
    def url(self) -> str:
        """What ROWHOUSE_STORAGE_URL takes."""
        return f"s3://{BUCKET}/files"

    @property
    def variables(self) -> dict[str, str]:
        """The customary variables of a client, once the server runs."""
        assert self._key
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": self._key[0],
            "AWS_SECRET_ACCESS_KEY": self._key[1],
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Nothing to be made: it keeps no files."""
        self._key = None

    def command(self) -> Sequence[str | Path]:
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]

    def environment(self) -> Mapping[str, str]:
        return {
            **super().environment(),
            "INITIAL_NO_AUTH_ACTION_COUNT": str(UNSIGNED_ACTIONS),
            "MOTO_S3_DEFAULT_MAX_KEYS": str(PAGE_OF_KEYS),
        }

    def ready(self) -> bool:
        try:
            self._ask("/moto-api/")
        except URLError:
            return False
        if self._key is None:
            self._key = self._make_bucket()
        return True

    def _make_bucket(self) -> tuple[str, str]:
        self._iam("CreateUser", UserName=PERSON)
        self._iam(
            "PutUserPolicy", UserName=PERSON, PolicyName="all", PolicyDocument=json.dumps(ANYTHING_IN_S3)
        )
        said = self._iam("CreateAccessKey", UserName=PERSON)
        self._ask(f"/{BUCKET}", method="PUT")
        found = [re.search(rf"<{name}>([^<]+)<", said) for name in ("AccessKeyId", "SecretAccessKey")]
        assert all(found), said
        return str(found[0][1]), str(found[1][1])  # type: ignore[index]  # looked at above

    def _iam(self, action: str, **parameters: str) -> str:
        body = urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
        return self._ask("/", body, {"Host": "iam.amazonaws.com", "Authorization": IAM}, method="POST")

    def _ask(
        self,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
    ) -> str:
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.address + path, data=body, headers=dict(headers or {}), method=method
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - likewise
            return str(answer.read().decode())
