"""Withings answers 200 whatever happens, and says inside how it went; here that becomes what HTTP calls it."""

from dataclasses import replace
from typing import Any

from rowhouse.kernel.oauth.fetching import Answer

OK = 0
NOT_LET_IN = frozenset({100, 101, 102, 200, 214, 277, 401})
TOO_MANY = 601
AWAY = frozenset({522, 524, 2555})
"""Timeout, bad state, unknown error."""


def opened(answer: Answer) -> Answer:
    """The answer with its own status, and its body without what is around it."""
    said = answer.body
    if answer.status != 200 or not isinstance(said, dict) or not isinstance(said.get("status"), int):
        return answer
    return replace(answer, status=_status(said["status"]), body=said.get("body"))


def tokens_of(said: Any) -> Any:
    """A token endpoint's answer in the words of OAuth."""
    if not isinstance(said, dict) or said.get("status") == OK:
        return said.get("body") if isinstance(said, dict) else said
    status, words = said.get("status"), str(said.get("error", ""))
    if status in NOT_LET_IN or (
        status == 503 and ("code" in words or "token" in words)
    ):  # invalid parameters
        return {"error": "invalid_grant"}
    # Our own credentials, or the service: nothing that connecting again would mend.
    return {"error": "temporarily_unavailable" if status in AWAY or status == TOO_MANY else "invalid_client"}


def _status(said: int) -> int:
    if said == OK:
        return 200
    if said in NOT_LET_IN:
        return 401
    if said == TOO_MANY:
        return 429
    return 503 if said in AWAY else 400
