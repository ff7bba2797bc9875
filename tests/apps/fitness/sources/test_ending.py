"""A source that is disconnected, at the provider."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from rowhouse.kernel.connections.models import Connection
from rowhouse.kernel.work import open_context
from tests.apps.fitness.sources.conftest import HERE, Athlete

pytestmark = pytest.mark.enable_socket


async def _states(athlete: Athlete) -> list[str]:
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (Connection.organization_id == ctx.org, Connection.account_id == ctx.account)
        return list((await ctx.session.scalars(select(Connection.state).where(*own))).all())


@pytest.mark.parametrize("provider", ["strava", "withings"])
async def test_with_a_wrong_secret_of_ours_nothing_has_ended(athlete: Athlete, provider: str) -> None:
    """Both are asked by the application, and refuse it in the words in which they refuse a token."""
    await athlete.connect(provider)
    await athlete.work()
    source = await athlete.source()
    assert (await athlete.http.delete(f"/api/v1/sources/{source['id']}")).status_code == 202
    settings = athlete.platform.settings
    given = dict(settings.connections or {})
    wrong = given[provider].model_validate(
        {"client_id": given[provider].client_id, "client_secret": "another", "url": given[provider].url}
    )
    amiss = settings.model_copy(update={"connections": given | {provider: wrong}})
    await replace(athlete, platform=replace(athlete.platform, settings=amiss)).work()
    assert await _states(athlete) == ["revoking"]
    grants = [one for one in athlete.sandbox.control("GET", "grants") if one["provider"] == provider]
    assert not any(one["revoked_at"] for one in grants)
    await athlete.work(waiting=True)
    assert await _states(athlete) == []
