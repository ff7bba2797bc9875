"""A sign-in or a connection at a provider while it is under way: kept for ten minutes, for who began it, for one use."""

import hashlib
import hmac
from dataclasses import asdict, dataclass
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.oauth.errors import OauthStateInvalid
from rowhouse.kernel.redis import oauth_flow_key
from rowhouse.kernel.secrets.minting import mint

COOKIE = "__Host-rowhouse_oauth"
LIFE_S = 600
LONGEST_STATE = 100
AWAY = "Signing in at a provider can't be followed just now; try again in a moment."


@dataclass(frozen=True, slots=True)
class Flow:
    """`browser` is the hash of the cookie of the browser that began it. With `user_id` the identity is linked to that
    person, in the session `session_id`; without, it signs somebody in. `verifier` is empty where PKCE is off. One
    that is `connecting` connects the outside service for the account `account_id` of `organization_id`."""

    provider: str
    browser: str
    nonce: str
    verifier: str
    return_to: str
    stay: bool = False
    user_id: UUID | None = None
    session_id: UUID | None = None
    connecting: bool = False
    organization_id: UUID | None = None
    account_id: UUID | None = None


IDS = ("user_id", "session_id", "organization_id", "account_id")


def new_secret() -> str:
    """256 random bits: a browser's cookie, a nonce, a code verifier or a state."""
    return mint("oauth")


def browser_of(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()


async def keep(redis: Redis, flow: Flow) -> str:
    """Keeps a flow and returns its state."""
    state = new_secret()
    try:
        await redis.set(oauth_flow_key(state), orjson.dumps(asdict(flow)), ex=LIFE_S)
    except (RedisError, OSError) as error:
        raise Unavailable(AWAY) from error
    return state


async def take(
    redis: Redis, provider: str, state: str | None, cookie: str | None, shown: UUID | None = None
) -> Flow:
    """The flow with this state, used up whatever comes of it. Raises `OauthStateInvalid` for one of another provider, or
    none, and unless it comes back to who began it: the browser that has its cookie, or whoever shows (`shown`) the
    credential of the session in which it was begun."""
    if not state or not (cookie or shown) or len(state) > LONGEST_STATE:
        raise OauthStateInvalid
    try:
        stored = await redis.getdel(oauth_flow_key(state))
    except (RedisError, OSError) as error:
        raise Unavailable(AWAY) from error
    if stored is None:
        raise OauthStateInvalid
    kept = orjson.loads(stored)
    ids = {name: UUID(kept[name]) if kept[name] else None for name in IDS}
    flow = Flow(**(kept | ids))
    own_browser = hmac.compare_digest(flow.browser, browser_of(cookie or ""))
    if flow.provider != provider or not (own_browser or (shown is not None and shown == flow.session_id)):
        raise OauthStateInvalid
    return flow


def with_query(path: str, **more: str) -> str:
    """A path of this site with something added to its query."""
    return f"{path}{'&' if '?' in path else '?'}{urlencode(more)}"


def own_path(return_to: str) -> str:
    """The path where it is one of this site, else the start page: nobody is sent elsewhere."""
    try:
        url = urlsplit(return_to)
    except ValueError:
        return "/"
    plain = return_to.isascii() and return_to.isprintable() and "\\" not in return_to
    own = not url.scheme and not url.netloc and return_to.startswith("/") and not return_to.startswith("//")
    return return_to if plain and own and not return_to.startswith("/api/") else "/"
