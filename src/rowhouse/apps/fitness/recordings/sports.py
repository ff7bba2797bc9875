"""The published sport taxonomy: sports and their sub-sports."""

from collections.abc import Mapping

SPORTS: Mapping[str, frozenset[str]] = {
    "ride": frozenset(
        (
            "road",
            "mountain",
            "gravel",
            "cyclocross",
            "track",
            "indoor",
            "virtual",
            "commuting",
            "e_bike",
            "hand",
        )
    ),
    "run": frozenset(("road", "trail", "track", "treadmill", "virtual", "ultra")),
    "walk": frozenset(("nordic", "indoor", "casual", "speed")),
    "hike": frozenset(),
    "swim": frozenset(("pool", "open_water")),
    "row": frozenset(("indoor", "virtual")),
    "paddle": frozenset(("kayak", "canoe", "stand_up")),
    "ski": frozenset(("alpine", "cross_country", "backcountry", "skate", "snowboard", "snowshoe")),
    "skate": frozenset(("inline", "ice")),
    "strength": frozenset(("crossfit", "bodyweight", "core")),
    "fitness": frozenset(("elliptical", "stair", "hiit", "cardio", "jump_rope")),
    "mobility": frozenset(("yoga", "pilates", "stretching")),
    "climb": frozenset(("bouldering", "indoor", "mountaineering")),
    "racket": frozenset(("tennis", "badminton", "squash", "padel", "table_tennis", "pickleball")),
    "team": frozenset(("soccer", "basketball", "volleyball", "hockey", "rugby", "handball")),
    "water": frozenset(("surf", "sail", "kitesurf", "windsurf", "dive")),
    "golf": frozenset(),
    "equestrian": frozenset(),
    "multisport": frozenset(("triathlon", "duathlon", "swimrun")),
    "transition": frozenset(),
    "other": frozenset(),
}
"""Sport → its sub-sports. A workout's `sport` is a key, its `sub_sport` one of the values or None."""
