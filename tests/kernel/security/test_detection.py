"""What looks unlike a person is recorded and mailed, and does nothing sensitive before a step-up."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import text, update

from rowhouse.kernel.context import Identity
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.security.models import Device
from rowhouse.kernel.sessions.agents import device_name
from rowhouse.kernel.sessions.places import Place, distance_km, place_of
from tests.conftest import api_on
from tests.kernel.identity.doubles import (
    OTHER_PASSWORD,
    PASSWORD,
    Caller,
    Mailbox,
    Person,
    code_of,
    context,
    signed_in,
)
from tests.kernel.identity.fixtures import MakeCaller

LYON, PARIS, SYDNEY = "203.0.113.10", "203.0.113.20", "203.0.113.30"
PLACES = {
    LYON: ("FR", "Lyon", 45.76, 4.84),
    PARIS: ("FR", "Paris", 48.85, 2.35),
    SYDNEY: ("AU", "Sydney", -33.87, 151.21),
}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small database in MaxMind's format."""
    writer = MMDBWriter(ip_version=4, database_type="Test")
    for address, (country, city, latitude, longitude) in PLACES.items():
        found = {
            "country": {"iso_code": country},
            "city": {"names": {"en": city}},
            "location": {"latitude": latitude, "longitude": longitude},
        }
        writer.insert_network(IPSet([f"{address}/32"]), found)
    path = tmp_path_factory.mktemp("places") / "places.mmdb"
    writer.to_db_file(str(path))
    return path


@pytest.fixture
def placed(platform: Platform, places: Path) -> FastAPI:
    """The API with a database of places."""
    settings = platform.settings.model_copy(update={"geoip_database": places})
    return api_on(replace(platform, settings=settings))


def at(app: FastAPI, address: str) -> Caller:
    transport = httpx.ASGITransport(app, client=(address, 1), raise_app_exceptions=False)
    return Caller(httpx.AsyncClient(transport=transport, base_url="https://rowhouse.test"))


async def last_seen(platform: Platform, person: Person, ago: timedelta) -> None:
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        await ctx.session.execute(
            update(Device).where(Device.user_id == ctx.user).values(seen_at=Device.seen_at - ago)
        )


async def kinds(caller: Caller) -> list[str]:
    return [event["kind"] for event in (await caller.get("/security-events")).json()["data"]]


async def test_the_first_device_is_no_news_and_the_same_again_neither(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    for _ in range(2):
        await signed_in(caller, person)
    assert await kinds(caller) == []
    assert mailbox.letters == []


async def test_a_new_device_is_told_and_proves_itself(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    await signed_in(caller, person)
    other = await make_caller()
    await signed_in(other, person)
    assert await kinds(caller) == ["new_device"]
    assert mailbox.to(person.email) == ["security_event"]
    assert code_of(await other.post("/mfa/totp")) == (403, "step_up_required")
    assert (await caller.post("/mfa/totp")).status_code == 200
    await signed_in(other, person)  # known by now
    assert await kinds(caller) == ["new_device"]


async def test_a_thief_does_not_throw_the_owner_out_and_the_owner_throws_out_the_thief(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    await signed_in(caller, person)
    thief, owner = await make_caller(), await make_caller()
    await signed_in(thief, person)
    (mine, other) = sorted((await thief.get("/sessions")).json()["data"], key=lambda one: not one["current"])
    for refused in (
        await thief.delete(f"/sessions/{other['id']}"),
        await thief.delete("/sessions"),
        await thief.post("/logout-all"),
        await thief.post("/password/change", {"old": PASSWORD, "new": OTHER_PASSWORD}),
    ):
        assert code_of(refused) == (403, "step_up_required")
    assert (await caller.get("/me")).status_code == 200
    await signed_in(owner, person)  # from somewhere new as well, and able to prove it
    assert (await owner.post("/step-up/mail")).status_code == 204
    assert (await owner.post("/step-up", {"code": mailbox.codes(person.email)[-1]})).status_code == 200
    assert (await owner.delete(f"/sessions/{other['id']}")).status_code == 204
    assert (await caller.get("/me")).status_code == 401
    assert (await thief.delete(f"/sessions/{mine['id']}")).status_code == 204  # one's own, always
    assert (await thief.get("/me")).status_code == 401
    assert (await owner.post("/logout-all")).status_code == 204


async def test_another_browser_at_a_known_address_is_told_and_trusted(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    await signed_in(caller, person)
    caller.http.headers["User-Agent"] = (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    )
    await signed_in(caller, person)
    (event,) = (await caller.get("/security-events")).json()["data"]
    assert (event["kind"], event["device"]) == ("new_device", "Firefox on Linux")
    assert (await caller.post("/mfa/totp")).status_code == 200


async def test_a_new_country_and_an_impossible_journey(
    placed: FastAPI, platform: Platform, person: Person, mailbox: Mailbox
) -> None:
    home, away = at(placed, LYON), at(placed, SYDNEY)
    await signed_in(home, person)
    await last_seen(platform, person, timedelta(hours=2))
    await signed_in(away, person)
    assert set(await kinds(home)) == {"new_device", "new_country", "impossible_journey"}
    assert code_of(await away.post("/mfa/totp")) == (403, "step_up_required")
    (event, *_) = (await home.get("/security-events")).json()["data"]
    assert event["place"] == "Sydney, AU"
    places_shown = {one["place"] for one in (await home.get("/sessions")).json()["data"]}
    assert places_shown == {"Lyon, FR", "Sydney, AU"}


async def test_a_flight_is_no_impossible_journey_and_a_train_no_news(
    placed: FastAPI, platform: Platform, person: Person, mailbox: Mailbox
) -> None:
    home = at(placed, LYON)
    await signed_in(home, person)
    await signed_in(at(placed, PARIS), person)
    assert await kinds(home) == ["new_device"]
    await last_seen(platform, person, timedelta(hours=24))
    await signed_in(at(placed, SYDNEY), person)
    assert sorted(await kinds(home)) == ["new_country", "new_device", "new_device"]


async def test_events_are_a_persons_own_audited_and_paged(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox, platform: Platform
) -> None:
    await signed_in(caller, person)
    for _ in range(3):
        await signed_in(await make_caller(), person)
    first = (await caller.get("/security-events", params={"limit": 2})).json()
    assert len(first["data"]) == 2
    rest = (await caller.get("/security-events", params={"limit": 2, "cursor": first["page"]["next"]})).json()
    assert (len(rest["data"]), rest["page"]["next"]) == (1, None)
    assert not {one["id"] for one in first["data"]} & {one["id"] for one in rest["data"]}
    refused = await caller.get("/security-events", params={"cursor": "nonsense"})
    assert code_of(refused) == (400, "invalid_cursor")


async def test_an_event_is_never_changed(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox, platform: Platform
) -> None:
    await signed_in(caller, person)
    await signed_in(await make_caller(), person)
    for statement in ("DELETE FROM kernel.security_events", "UPDATE kernel.security_events SET kind = 'x'"):
        with pytest.raises(Exception, match="permission denied"):
            async with context(platform, person.identity) as ctx:
                await ctx.session.execute(text(statement))


def test_places_and_distances(platform: Platform, places: Path) -> None:
    settings = platform.settings.model_copy(update={"geoip_database": places})
    assert place_of(settings, LYON) == Place("FR", "Lyon", 45.76, 4.84)
    for nowhere in ("192.0.2.1", "2001:db8::1", "testclient", ""):
        assert place_of(settings, nowhere) is None
    assert place_of(platform.settings, LYON) is None
    assert 385 < distance_km((45.76, 4.84), (48.85, 2.35)) < 400
    assert distance_km((10.0, 20.0), (10.0, 20.0)) == 0


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "Curl"),
        ("", "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
    ],
)  # fmt: skip
def test_devices_are_named_for_people(agent: str, name: str) -> None:
    assert device_name(agent) == name
