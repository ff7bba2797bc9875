"""What each figure is, as data: it goes with every answer."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Formula:
    """`formula` as a person would write it, the names of its `inputs`, and the primary `source`."""

    formula: str
    inputs: tuple[str, ...]
    source: str


WILLIAMS = (
    "Williams S et al., Better way to determine the acute:chronic workload ratio? Br J Sports Med 2017;51:209"
)
FOSTER = "Foster C, Monitoring training in athletes with reference to overtraining syndrome, Med Sci Sports Exerc 1998;30:1164"
COGGAN = "Allen H, Coggan A, Training and Racing with a Power Meter, VeloPress 2006"
BANISTER_1991 = (
    "Banister EW, Modeling elite athletic performance, in: Physiological Testing of Elite Athletes, 1991"
)
MORTON = "Morton RH, Fitz-Clarke JR, Banister EW, Modeling human performance in running, J Appl Physiol 1990;69:1171"
DESCRIBES = "It describes how training changes and says nothing about the risk of injury."

DAILY = ("tss",)
LOAD_FORMULAS: Mapping[str, Formula] = {
    "trimp": Formula(
        "sum of minutes · x · a · e^(b·x), x = (heart rate - resting) / (highest - resting) held to 0…1;"
        " a 0.64, b 1.92 for men, a 0.86, b 1.67 for women; from the mean heart rate and the moving time (the time"
        " elapsed where that is not told) where there are no samples",
        ("heart_rate_bpm", "resting_hr_bpm", "max_hr_bpm", "sex"),
        f"{BANISTER_1991}; constants: {MORTON}",
    ),
    "trimp_edwards": Formula(
        "sum of minutes · n, n = 1…5 for heart rates from 50, 60, 70, 80, 90 % of the highest",
        ("heart_rate_bpm", "max_hr_bpm"),
        "Edwards S, The Heart Rate Monitor Book, Fleet Feet Press 1993",
    ),
    "tss": Formula(
        "hours · IF² · 100. Rides with power: IF = NP / FTP, NP the fourth root of the mean of the fourth powers of"
        " 30 s means. Runs with speed: the same of speed and threshold speed, hills not corrected. Else by heart"
        " rate: 100 · TRIMP / TRIMP of an hour at the threshold heart rate (Banister's); also where power or speed is 0"
        " throughout, or known neither of 80 % of the moving time nor of 80 % of the time with a heart rate. Seconds"
        " while the device had stopped are left out",
        ("power_w", "ftp_w", "speed_mps", "threshold_speed_mps", "heart_rate_bpm", "lthr_bpm", "resting_hr_bpm",
         "max_hr_bpm", "sex"),
        COGGAN,
    ),
    "ctl": Formula("v + (tss - v)(1 - e^(-1/42)) day by day, from 0", DAILY, f"{COGGAN}, after {BANISTER_1991}"),
    "atl": Formula("v + (tss - v)(1 - e^(-1/7)) day by day, from 0", DAILY, f"{COGGAN}, after {BANISTER_1991}"),
    "tsb": Formula("ctl - atl, both of the day before", ("ctl", "atl"), COGGAN),
    "acwr_rolling": Formula(
        f"mean tss of 7 days / mean tss of the 28 days that include them, from the 28th day on. {DESCRIBES}",
        DAILY,
        "Hulin BT et al., Spikes in acute workload are associated with increased injury risk in elite cricket fast"
        " bowlers, Br J Sports Med 2014;48:708",
    ),
    "acwr_ewma": Formula(
        "a / c, each v + (tss - v) · 2/(N+1) day by day, N = 7 and 28, seeded with the first day, from the 28th day"
        f" on. {DESCRIBES}",
        DAILY,
        WILLIAMS,
    ),
    "acwr_uncoupled": Formula(
        "mean tss of 7 days / mean tss of the 21 days before them, from the 28th day on; null above 10, where training"
        f" began again. {DESCRIBES}",
        DAILY,
        "Windt J, Gabbett TJ, Is it all for naught? What does mathematical coupling mean for acute:chronic workload"
        " ratios? Br J Sports Med 2019;53:988",
    ),
    "monotony": Formula(
        "mean / sample standard deviation (n - 1) of the tss of 7 days; null above 10, where the deviation goes to 0",
        DAILY,
        FOSTER,
    ),
    "strain": Formula("tss of 7 days · monotony", (*DAILY, "monotony"), FOSTER),
}  # fmt: skip
"""Metric of `/analysis/load` → what it is. In the order in which rows show them."""

CURVE_FORMULA = Formula(
    "the highest mean over so many seconds within one workout, every window looked at; what was held longer was held"
    " for the shorter time too",
    ("power_w", "speed_mps", "heart_rate_bpm"),
    COGGAN,
)
ZONES_FORMULA = Formula(
    "seconds whose value lies from a zone's border up to the next one's. Derived: power 55, 75, 90, 105, 120, 150 % of"
    " FTP (Coggan); heart rate 85, 90, 95, 100 % of the threshold's (Friel), else 50 to 90 % of the highest (Edwards);"
    " speed 78, 88, 94, 100 % of the threshold's (Friel)",
    ("power_w", "ftp_w", "heart_rate_bpm", "lthr_bpm", "max_hr_bpm", "speed_mps", "threshold_speed_mps"),
    f"{COGGAN}; Friel J, The Triathlete's Training Bible, VeloPress 2009",
)
ENERGY_FORMULAS: Mapping[str, Formula] = {
    "work": Formula(
        "work in kJ / 0.24 / 4.184, 0.24 the share of the energy that reaches the pedals; of rides whose TSS"
        " could be told by power",
        ("power_w",),
        "Coyle EF et al., Cycling efficiency is related to the percentage of type I muscle fibers, Med Sci Sports"
        " Exerc 1992;24:782",
    ),
    "heart_rate": Formula(
        "an estimate: kJ a minute = -55.0969 + 0.6309 · heart rate + 0.1988 · weight + 0.2017 · age for men,"
        " -20.4022 + 0.4472 · heart rate - 0.1263 · weight + 0.074 · age for women, held to 1…20 kcal per kilogram and"
        " hour",
        ("heart_rate_bpm", "weight_kg", "birth_year", "sex"),
        "Keytel LR et al., Prediction of energy expenditure from heart rate monitoring during submaximal exercise,"
        " J Sports Sci 2005;23:289",
    ),
}
