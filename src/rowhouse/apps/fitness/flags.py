"""What can be switched off in fitness. A provider is off until it has credentials; files need none."""

from rowhouse.kernel.flags.flag import Flag

NEEDS_CREDENTIALS = "Off until it has credentials."

MANUAL_WORKOUT_EDIT = Flag("manual_workout_edit", True, "Athletes set fields of their workouts by hand.")
CHAT_HISTORY = Flag("chat_history", True, "Conversations are kept.")
WEB_SEARCH = Flag(
    "web_search_enabled", False, "The chat searches the web. Off: questions would leave the house."
)
ADVANCED_LLM = Flag(
    "advanced_llm", False, "The chat asks a larger model. Off: it costs, and needs credentials."
)
APPLE_HEALTH = Flag("apple_health", True, "Import of Apple Health exports.")
STRAVA = Flag("strava", False, f"Strava. {NEEDS_CREDENTIALS}")
WHOOP = Flag("whoop_api", False, f"WHOOP. {NEEDS_CREDENTIALS}")

GARMIN = Flag("garmin_connect", True, "Garmin Connect, once it has credentials.")
POLAR = Flag("polar", False, f"Polar. {NEEDS_CREDENTIALS}")
OURA = Flag("oura", False, f"Oura. {NEEDS_CREDENTIALS}")
WITHINGS = Flag("withings", False, f"Withings. {NEEDS_CREDENTIALS}")

FITNESS_FLAGS = (
    MANUAL_WORKOUT_EDIT,
    CHAT_HISTORY,
    WEB_SEARCH,
    ADVANCED_LLM,
    APPLE_HEALTH,
    GARMIN,
    STRAVA,
    WHOOP,
    OURA,
    WITHINGS,
    POLAR,
)
