"""The words that sources use for sports, in the published taxonomy."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from rowhouse.apps.fitness.recordings.sports import SPORTS


class Activity(NamedTuple):
    """A sport of the taxonomy and, where the word says more, its sub-sport."""

    sport: str
    sub_sport: str | None = None


OTHER = Activity("other")

_TABLE = """
ride: cycling ride biking bike cycle bicycling bicycle biketransport
ride/road: roadcycling roadbiking roadbike roadride racebike
ride/mountain: mountainbiking mountainbikeride mountain downhill downhillbiking mtb mountainbike emountain
ride/gravel: gravelride gravelcycling gravelbiking gravel mixedsurface
ride/cyclocross: cyclocross
ride/track: trackcycling trackride
ride/indoor: indoorcycling spin spinning indoorbike indoorride indoorbiking
ride/virtual: virtualride virtualcycling zwift
ride/commuting: commuting commute
ride/e_bike: ebikeride ebiking ebikefitness ebikemountain emountainbikeride emountainbiking ebike
ride/hand: handcycle handcycling indoorhandcycling
run: running run jogging jog
run/road: street streetrunning roadrunning
run/trail: trailrun trailrunning trail
run/track: trackrunning trackrun
run/treadmill: treadmill treadmillrunning indoorrunning indoorrun
run/virtual: virtualrun virtualrunning
run/ultra: ultra ultrarun ultrarunning
walk: walking walk dogwalking
walk/nordic: nordicwalking nordicwalk
walk/indoor: indoorwalking indoorwalk
walk/casual: casualwalking casualwalk
walk/speed: speedwalking speedwalk racewalking
hike: hiking hike trekking rucking
swim: swimming swim
swim/pool: lapswimming poolswim poolswimming indoorswimming
swim/open_water: openwater openwaterswimming openwaterswim
row: rowing row
row/indoor: indoorrowing rower
row/virtual: virtualrow virtualrowing
paddle: paddling paddlesports paddle
paddle/kayak: kayak kayaking whitewaterkayaking rafting whitewaterrafting
paddle/canoe: canoe canoeing
paddle/stand_up: standuppaddling standuppaddleboarding sup
ski: skiing ski snowsports
ski/alpine: alpineskiing alpineski downhillskiing resortskiing resortskiingsnowboarding resort
ski/cross_country: crosscountryskiing nordicski xcskiing xcski crosscountryski classicskiing rollerski rollerskiing
ski/backcountry: backcountryski backcountryskiing backcountry skitouring
ski/skate: skateskiing
ski/snowboard: snowboard snowboarding
ski/snowshoe: snowshoe snowshoeing
skate: skate skating skatingsports skateboarding
skate/inline: inlineskate inlineskating inline
skate/ice: iceskate iceskating
strength: strength strengthtraining weighttraining traditionalstrengthtraining weightlifting
strength/crossfit: crossfit crosstraining
strength/bodyweight: bodyweight functionalstrengthtraining
strength/core: coretraining core
fitness: fitness fitnessequipment workout training exercise gym
fitness/elliptical: elliptical
fitness/stair: stairstepper stairclimbing stairs stairclimber stepper floorclimbing
fitness/hiit: hiit highintensityintervaltraining interval
fitness/cardio: cardio cardiotraining cardioworkout mixedcardio mixedmetaboliccardiotraining dance cardiodance dancing zumba
fitness/jump_rope: jumprope jumproping
mobility: mobility flexibility mindandbody
mobility/yoga: yoga
mobility/pilates: pilates
mobility/stretching: stretching flexibilitytraining
climb: climb climbing rockclimbing
climb/bouldering: bouldering
climb/indoor: indoorclimbing
climb/mountaineering: mountaineering
racket: racket racketsports
racket/tennis: tennis
racket/badminton: badminton
racket/squash: squash racquetball
racket/padel: padel
racket/table_tennis: tabletennis
racket/pickleball: pickleball
team: teamsport teamsports americanfootball baseball cricket lacrosse waterpolo ultimate
team/soccer: soccer football
team/basketball: basketball
team/volleyball: volleyball beachvolleyball
team/hockey: hockey icehockey
team/rugby: rugby
team/handball: handball
water: watersports
water/surf: surf surfing wakesurfing
water/sail: sail sailing
water/kitesurf: kitesurf kitesurfing
water/windsurf: windsurf windsurfing
water/dive: diving dive underwaterdiving apneadiving singlegasdiving scubadiving
golf: golf
equestrian: equestrian equestriansports horsebackriding horseriding
multisport: multisport swimbikerun
multisport/triathlon: triathlon
multisport/duathlon: duathlon
multisport/swimrun: swimrun
transition: transition
other: other generic all unknown
"""


def _read_table() -> dict[str, Activity]:
    words: dict[str, Activity] = {}
    for line in _TABLE.strip().splitlines():
        target, _, names = line.partition(":")
        sport, _, sub = target.partition("/")
        words.update(dict.fromkeys(names.split(), Activity(sport, sub or None)))
    return words


_WORDS: Mapping[str, Activity] = _read_table()

_SUB_WORDS: Mapping[str, Mapping[str, str]] = {
    "ride": {"road": "road", "virtualactivity": "virtual", "trackcycling": "track", "track": "track"},
    "run": {"street": "road", "track": "track", "virtualactivity": "virtual", "indoorrunning": "treadmill"},
    "row": {"virtualactivity": "virtual", "indoor": "indoor"},
    "swim": {"pool": "pool"},
    "racket": {"pickleball": "pickleball", "padel": "padel"},
    "walk": {"indoor": "indoor"},
}
"""Sub-sport words of FIT that mean something only beside their sport."""

_STRAVA_GPX_NUMBERS: Mapping[str, str] = {"1": "ride", "4": "hike", "9": "run", "10": "walk", "16": "swim"}
"""Numbers that Strava wrote as `<type>` into older GPX files."""

_PREFIX = re.compile(r"^hkworkoutactivitytype")
_NOT_A_LETTER = re.compile(r"[^a-z0-9]")


def activity_of_word(word: str | None) -> Activity:
    """What TCX, GPX, Strava, Garmin Connect or HealthKit (`HKWorkoutActivityTypeRunning`) mean by one word."""
    plain = _plain(word)
    return _WORDS.get(_STRAVA_GPX_NUMBERS.get(plain, plain), OTHER)


def word_of(sport: str, sub_sport: str | None) -> str:
    """One word that `activity_of_word` takes for this, or for the sport alone where there is none."""
    words: dict[Activity, str] = {}
    for word, activity in _WORDS.items():
        words.setdefault(activity, word)
    return words.get(Activity(sport, sub_sport)) or words[Activity(sport)]


def activity_of_fit(sport: str | None, sub_sport: str | None) -> Activity:
    """What a FIT session's `sport` and `sub_sport` mean together; a sub-sport of another sport is not believed,
    unless the sport itself says nothing (`fitness_equipment` with `indoor_rowing`, `training` with `yoga`)."""
    main, sub = activity_of_word(sport), _plain(sub_sport)
    beside = _SUB_WORDS.get(main.sport, {}).get(sub)
    if beside:
        return Activity(main.sport, beside)
    fine = _WORDS.get(sub, OTHER)
    vague = main in (OTHER, Activity("fitness"), Activity("mobility"))
    if (vague and fine != OTHER) or (fine.sub_sport and fine.sport == main.sport):
        return fine
    return main


def _plain(word: str | None) -> str:
    return _PREFIX.sub("", _NOT_A_LETTER.sub("", (word or "").lower()))


def unknown_targets() -> list[str]:
    """Targets of the table that the taxonomy does not have: empty, or the table is wrong (a test asks)."""
    targets = [*_WORDS.values(), *(Activity(s, t) for s, m in _SUB_WORDS.items() for t in m.values())]
    return [
        str(a) for a in targets if a.sport not in SPORTS or (a.sub_sport or "") not in {"", *SPORTS[a.sport]}
    ]
