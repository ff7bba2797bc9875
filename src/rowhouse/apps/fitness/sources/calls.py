"""A provider asked on behalf of one athlete: the token shown, statuses understood, the quota kept in mind."""

import asyncio
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rowhouse.apps.fitness.sources.errors import Missing, NotAllowed, ShapeUnknown, SlowDown
from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.kernel.connections.asking import Asker
from rowhouse.kernel.connections.errors import ReauthorizationNeeded
from rowhouse.kernel.connections.renewing import Keeper, Token
from rowhouse.kernel.limits.service_quotas import Quota, SharedQuotas
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.oauth.fetching import Answer
from rowhouse.kit.time import now

SLOWED, STOPPED = 0.8, 0.9
"""Shares of a quota: from the first on history waits and the rest goes slowly, from the second on everything waits."""
OWN, OTHERS = 0.25, 0.1
"""Of a quota that all organizations share, the history of one has the first share, and more only as long as the others
have used less than the second."""
HISTORY_WAITS = "history_waits"
"""A source's error while only its history waits."""
SLOWLY_S = 1.0
USUAL_WAIT_S = 60.0
AT_ONCE = 4
AGAIN_S = (0.5, 3.0)
"""How long is waited before a call that failed is made again, more or less."""
WAITED_HERE_S = 15.0
"""A limit that is over sooner is not worth giving the page up, whose calls would all be made once more."""
JSON = "application/json"
PAGES = (JSON, "text/html")
"""What no file is."""
pause = asyncio.sleep
TOKEN_LOOKED_AT_S = 60.0


@dataclass(frozen=True, slots=True)
class Question:
    url: str
    params: Mapping[str, str] | None
    form: Mapping[str, str] | None
    accept: str


@dataclass(slots=True)
class Calls:
    """`quota` is the fullest of what is known, `shared` what all organizations know; `history`: whether what is asked for
    now can wait. `count` are the calls made, of at most `left` that the budget has. `hook` is where the provider is to
    send webhooks of this athlete, where it takes such subscriptions."""

    asker: Asker
    keeper: Keeper
    provider: Provider
    quota: Quota | None = None
    shared: SharedQuotas | None = None
    history: bool = False
    count: int = 0
    left: int | None = None
    hook: str | None = None
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _stopped: SlowDown | None = None
    _token: Token | None = None
    _looks_at: float = 0.0

    async def get(self, url: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON at one of the provider's real addresses. Raises `Missing`, `SlowDown`, `ProviderAway`,
        `ReauthorizationNeeded`, `ShapeUnknown`."""
        return (await self.answer(url, params)).body

    async def file(self, url: str, params: Mapping[str, str] | None = None) -> bytes:
        """The bytes there; raises `Missing` where there are none, and as `get`."""
        answer = await self.answer(url, params, good=(200, 204), accept="*/*")
        if answer.status == 204 or not answer.raw:
            raise Missing
        return answer.raw

    async def post(self, url: str, form: Mapping[str, str]) -> Any:
        """The JSON that a form is answered with; raises as `get`."""
        return (await self.answer(url, form=form)).body

    async def answer(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        form: Mapping[str, str] | None = None,
        good: Collection[int] = (200,),
        accept: str = JSON,
    ) -> Answer:
        """An answer with one of the `good` statuses; raises as `get`. With a form it is a POST. What breaks off or is not
        well for a moment is asked again after a moment, and a limit that is over within seconds is waited for; with any
        other it is the sync that waits, and nothing more is asked."""
        question = Question(url, params, form, accept)
        async with self.turns:
            if self._stopped is not None:
                raise self._stopped
            for pause_s in AGAIN_S:
                try:
                    return await self._good(question, good)
                except ProviderAway:
                    await pause(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
                except SlowDown as wait:
                    if wait.delay_s > WAITED_HERE_S:
                        self._stopped = wait
                        raise
                    await pause(wait.delay_s)
            return await self._good(question, good)

    async def _good(self, question: Question, good: Collection[int]) -> Answer:
        await self._mind_quota()
        token = await self._usable()
        answer = await self._ask(question, token.value)
        if answer.status == 401:
            # Before its time: taken back, or only forgotten.
            token = await self._usable(worn=token.generation)
            answer = await self._ask(question, token.value)
            if answer.status == 401:
                await self.keeper.refuse(token.generation, "token_refused")
                raise ReauthorizationNeeded
        self._understand(answer, good)
        if answer.status == 200 and _is_other(answer, question.accept):
            raise ProviderAway  # half an answer, or a page that says that they will be back
        return answer

    async def _usable(self, *, worn: int | None = None) -> Token:
        """The token, looked at in the database once a minute and not before every call."""
        moment = asyncio.get_running_loop().time()
        known = self._token
        if known is not None and known.generation != worn and moment < self._looks_at:
            return known
        self._token, self._looks_at = await self.keeper.token(worn=worn), moment + TOKEN_LOOKED_AT_S
        return self._token

    async def _ask(self, question: Question, token: str) -> Answer:
        self._mind_budget()
        self.count += 1
        asked_at = now()
        answer = await self.asker.ask(
            question.url,
            token=token,
            method="GET" if question.form is None else "POST",
            params=question.params,
            form=question.form,
            headers={"Accept": question.accept},
        )
        if self.provider.opened is not None:
            answer = self.provider.opened(answer)
        await self._learn(self.provider.adapter.quotas(answer.headers, asked_at))
        return answer

    async def _learn(self, told: Sequence[Quota]) -> None:
        if not told:
            return
        self.quota = _fullest(told)
        if self.shared is not None:
            await self.shared.tell(told)

    def _mind_budget(self) -> None:
        """Nothing is asked any more that would cost more than the budget has, until the next month."""
        if self.left is not None and self.count >= self.left:
            raise SlowDown((next_month() - now()).total_seconds(), told="budget")

    async def _mind_quota(self) -> None:
        """Until the limit is reset, nothing is asked any more once nine tenths are used, and no history once four fifths
        are, or the organization has had its share."""
        known = await self._quotas()
        used_up = [one for one in known if one.share >= STOPPED]
        short = used_up or [one for one in known if self.history and _leaves_no_history(one)]
        if short:
            left_s = (max(one.resets_at for one in short) - now()).total_seconds()
            raise SlowDown(max(1.0, left_s), told="stopped" if used_up else "slowed")
        if any(one.share >= SLOWED for one in known):
            await pause(SLOWLY_S)

    async def _quotas(self) -> Sequence[Quota]:
        """What is known of limits that are not reset yet."""
        found = [] if self.quota is None else [self.quota]
        if self.shared is not None:
            await self.shared.look()
            found += self.shared.known
        known = [one for one in found if one.resets_at > now()]
        if known:
            self.quota = _fullest(known)
        return known

    def _understand(self, answer: Answer, good: Collection[int]) -> None:
        if answer.status in good:
            return
        if answer.status == 404:
            raise Missing
        if answer.status == 429:
            left_s = (self.quota.resets_at - now()).total_seconds() if self.quota else USUAL_WAIT_S
            raise SlowDown(max(1.0, answer.retry_after_s or left_s), told="stopped")
        if answer.status >= 500 or answer.status in (408, 425):
            raise ProviderAway
        if answer.status == 403:
            raise NotAllowed("status 403")
        raise ShapeUnknown(f"status {answer.status}")


def _is_other(answer: Answer, accept: str) -> bool:
    """Whether it is JSON where a file was asked for, or none where JSON was."""
    if accept == JSON:
        return answer.body is None
    return answer.headers.get("content-type", "").startswith(PAGES)


def _fullest(quotas: Sequence[Quota]) -> Quota:
    return max(quotas, key=lambda one: one.share)


def _leaves_no_history(quota: Quota) -> bool:
    had_its_share = quota.own >= OWN * quota.limit and quota.used - quota.own >= OTHERS * quota.limit
    return quota.share >= SLOWED or had_its_share


def history_waits(source: Source) -> bool:
    """Whether the last sync left history for after the limit's reset, while what is new may still be asked for."""
    return source.error_code == HISTORY_WAITS


def this_month() -> date:
    return now().date().replace(day=1)


def next_month() -> datetime:
    """When the next budget begins."""
    after = this_month() + timedelta(days=32)
    return datetime.combine(after.replace(day=1), time(), UTC)
