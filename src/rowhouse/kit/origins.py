"""Origins of the web (RFC 6454): scheme, host and port, as browsers write them in the `Origin` header."""

from urllib.parse import urlsplit

USUAL_PORTS = {"http": 80, "https": 443}


def parse_origins(text: str) -> tuple[str, ...]:
    """The origins in a comma-separated list. Raises `ValueError` for whatever is none, `*` and `null` too: to a
    browser it would mean everybody, or nobody."""
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if origin != _written(origin):
            raise ValueError(
                f"{origin!r} is no origin; write it like https://app.example.com or http://localhost:3000"
            )
    return origins


def _written(origin: str) -> str | None:
    """How a browser writes the origin of this address; None for an address that has none."""
    parts = urlsplit(origin)
    if parts.scheme not in USUAL_PORTS or not parts.hostname or not parts.hostname.isascii() or "*" in origin:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, USUAL_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
