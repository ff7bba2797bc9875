"""Naming a device by its user agent: "Firefox on Linux". For people to recognize, never to let in by."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-", "a Python program"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""Looked for in this order: browsers name those that they descend from, too."""


def device_name(user_agent: str) -> str:
    """What to call a device; one that says nothing known is "Unknown device"."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
    if browser and system:
        return f"{browser} on {system}"
    known = browser or system or "unknown device"
    return known[0].upper() + known[1:]


def clean_agent(user_agent: str) -> str:
    """A user agent as it is kept: at most 300 characters, none of which a database or a page stumbles over."""
    return "".join(filter(str.isprintable, user_agent))[:300]
