"""Files of devices that providers hand on: read as uploads are, so that serial, laps and samples are the device's own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rowhouse.apps.fitness.files.decoding.decode import decode
from rowhouse.apps.fitness.files.decoding.members import open_members_of
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.sources.provider import Item


def recordings_of_file(
    item: Item, received_at: datetime, *, provider: str, title: str | None
) -> list[Recording]:
    """What the item's file says, under the provider's id and title; nothing where there is none, or none that can be
    read."""
    if item.file is None:
        return []
    with open_members_of(item.file.data, f"{item.external_id}.{item.file.format}") as members:
        found = [one for member in members for one in decode(member, received_at=received_at).recordings]
    return [_named(one, _id(item, found, n), provider, title) for n, one in enumerate(found)]


def _id(item: Item, found: Sequence[Recording], number: int) -> str:
    """Sessions of one file that are no legs of one event are things of their own."""
    one_thing = len(found) == 1 or found[number].group is not None
    return item.external_id if one_thing else f"{item.external_id}/{number}"


def _named(one: Recording, external_id: str, provider: str, title: str | None) -> Recording:
    origin = replace(one.origin, provider=provider, external_id=external_id)
    return replace(one, origin=origin, title=title or one.title)
