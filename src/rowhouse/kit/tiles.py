"""Addresses of map tiles: a template with `{z}`, `{x}` and `{y}`, as Leaflet, MapLibre and OpenLayers read them."""

import re
from urllib.parse import urlsplit

from rowhouse.kit.origins import parse_origins

PLACES = ("{z}", "{x}", "{y}")


def origin_of_tiles(template: str) -> str:
    """The one origin that a browser asks for these tiles. Raises `ValueError` for what is no such template."""
    bare = template
    for place in PLACES:
        if template.count(place) != 1:
            raise ValueError(
                f"{template!r} needs {place} once; write it like https://tiles.example.org/{{z}}/{{x}}/{{y}}.png"
            )
        bare = bare.replace(place, "0")
    if not bare.isascii() or not bare.isprintable() or any(c in bare for c in " {}\"'<>\\^`|#"):
        raise ValueError(
            f"{template!r} holds more than {', '.join(PLACES)} and an address; {{s}} is not for one server"
        )
    parts = urlsplit(bare)
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "name and password don't belong in the address of tiles: every browser would get them"
        )
    if any(place in template.partition("://")[2].partition("/")[0] for place in PLACES):
        raise ValueError(f"{template!r} must name one server: {', '.join(PLACES)} belong behind it")
    if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?", parts.netloc):
        # It becomes a part of a header: whatever ends a directive there must not be in it.
        raise ValueError(f"{template!r} is no address of a server")
    [origin] = parse_origins(f"{parts.scheme}://{parts.netloc.lower()}")
    return origin
