"""The whole way of real files, from upload to workouts."""

import asyncio
from pathlib import Path

from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.conftest import MakePerson

FEWER = {
    "gpxpy__unicode_with_bom.gpx": ("refused", 0),
    "muktihari__chained_Activity_activity_poolswim.fit": ("imported", 2),
    "fitparse__activity-filecrc.fit": ("duplicate", 1),
    "fitparse__activity-settings-corruptheader.fit": ("duplicate", 1),
    "fitparse__activity-unexpected-eof.fit": ("duplicate", 1),
    "fitparse__activity-activity-filecrc.fit": ("partial", 1),
    "muktihari__activity_truncated.fit": ("partial", 1),
    "apple_export_synthetic.xml": ("partial", 4),
}
"""Files whose result is not one imported workout: state and number of workouts."""


async def test_every_real_file_gives_what_its_index_implies(
    make_person: MakePerson, run_due_jobs: RunJobs, shared_data: Path
) -> None:
    person = await make_person()
    paths = await asyncio.to_thread(lambda: sorted(shared_data.rglob("*")))
    files = [(p.name, p.read_bytes()) for p in paths if p.suffix in (".fit", ".gpx", ".xml")]
    results = await upload(person, run_due_jobs, *files)
    assert {r["name"]: (r["state"], len(r["workout_ids"])) for r in results} == {
        name: FEWER.get(name, ("imported", 1)) for name, _ in files
    }
    ids = {r["name"]: r["workout_ids"] for r in results}
    copies = [ids[n] for n in ids if n.startswith("fitparse__activity-") and "small" not in n]
    assert len({tuple(c) for c in copies}) == 1
    for one, other in (
        ("garmin-edge-820-bike", "garmin-fenix-5-bike"),
        ("garmin-fenix-5-walk", "garmin-fenix-5-run"),
    ):
        assert ids[f"fitparse__{one}.fit"] != ids[f"fitparse__{other}.fit"]
    found = {w["id"]: w for w in await workouts(person)}
    for name in ("muktihari__triathlon_summary_first.fit", "fitparse__sample_mulitple_header.fit"):
        event = found[ids[name][0]]
        assert (event["sport"], event["sub_sport"], len(event["parts"])) == ("multisport", "triathlon", 5)
    assert set(ids["muktihari__activity_poolswim.fit"]) <= set(
        ids["muktihari__chained_Activity_activity_poolswim.fit"]
    )
