"""What a workout is called when nobody named it."""

from datetime import datetime

WORDS = {
    "run": "run",
    "ride": "ride",
    "walk": "walk",
    "hike": "hike",
    "swim": "swim",
    "row": "row",
    "paddle": "paddle",
    "ski": "ski",
    "skate": "skate",
    "strength": "strength training",
    "fitness": "workout",
    "mobility": "mobility session",
    "climb": "climb",
    "racket": "match",
    "team": "game",
    "water": "water sport session",
    "golf": "round of golf",
    "equestrian": "ride on horseback",
    "multisport": "multisport event",
    "transition": "transition",
    "other": "workout",
}
SPECIAL = {
    ("multisport", "triathlon"): "triathlon",
    ("swim", "pool"): "pool swim",
    ("swim", "open_water"): "open-water swim",
    ("run", "trail"): "trail run",
    ("ride", "mountain"): "mountain-bike ride",
    ("ride", "virtual"): "virtual ride",
}
HOURS = ((5, "Night"), (11, "Morning"), (14, "Lunch"), (18, "Afternoon"), (22, "Evening"), (24, "Night"))


def title_of(sport: str, sub_sport: str | None, local_start: datetime) -> str:
    """`Morning trail run`: the time of day where it happened, and the sport."""
    daytime = next(word for until, word in HOURS if local_start.hour < until)
    return f"{daytime} {SPECIAL.get((sport, sub_sport or ''), WORDS.get(sport, 'workout'))}"
