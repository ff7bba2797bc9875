"""Garmin's personal API, declared: an athlete's own data by an athlete's own key, of 30 to 365 days. Facts of 2026-11; public
is only how a key is exchanged for a token."""

from rowhouse.apps.fitness.flags import GARMIN as FLAG
from rowhouse.apps.fitness.sources.connected import source_connected
from rowhouse.apps.fitness.sources.garmin_personal.adapter import API, SITE, GarminPersonalAdapter
from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.kernel.connections.service_kinds import ServiceKind

GARMIN_PERSONAL: Provider = Provider(
    service=ServiceKind(
        name="garmin-personal",
        title="Garmin (your own key)",
        flag=FLAG,
        authorize_url="",
        token_url=f"{SITE}/personalapitoken-service/personal-api/personal-api-key/token",
        api_url=API,
        page="/sources",
        permission="fitness.sources.write",
        key_scheme="ApiKey",
        connected=source_connected,
    ),
    adapter=GarminPersonalAdapter(),
    unconfirmed=(
        "host and paths of all but the exchange of the key, and the names of the fields",
        "ranges of 28 days, pages of 45",
        "nothing ends a key but its athlete, at Garmin",
    ),
)
