"""What Withings tells of its own accord: a form that says of whom and of which kind, signed by nobody. A hint: the sync
that it begins asks for all that has changed."""

from urllib.parse import parse_qsl

from rowhouse.apps.fitness.sources.hints import take_hint
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.webhooks.incoming.errors import WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import Notice, WebhookProvider
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, Unsigned

MOST_FIELDS = 20
WHEN = ("startdate", "enddate", "date", "deviceid")


def identify(arrival: Arrival) -> tuple[str, str]:
    """Withings gives its events no id: what makes one event one is all that it says."""
    said = _read(arrival.body)
    parts = (said["userid"], said["appli"], *(said.get(word, "") for word in WHEN))
    return "/".join(parts), f"appli.{said['appli']}"


async def believe(_run: JobRun, notice: Notice) -> Notice:
    """Nothing here changes anything but that a sync is begun, which asks."""
    return notice


async def handle(ctx: Ctx, notice: Notice) -> str:
    return await take_hint(ctx, "withings", _read(notice.body)["userid"], None)


WEBHOOK = WebhookProvider(name="withings", scheme=Unsigned(), read=identify, handle=handle, confirm=believe)


def _read(body: bytes) -> dict[str, str]:
    try:
        said = dict(parse_qsl(body.decode("ascii"), max_num_fields=MOST_FIELDS))
    except (UnicodeDecodeError, ValueError) as error:
        raise WebhookUnreadable from error
    if not said.get("userid", "").isdigit() or not said.get("appli", "").isdigit():
        raise WebhookUnreadable
    return said
