"""Why an export can't be made.

Conflict 409
├── ExportUnderWay
├── ExportsFull
├── ExportTooLarge
└── NoTrack
NotFound 404
└── NothingToExport
"""

from rowhouse.kernel.errors import Conflict, NotFound


class ExportUnderWay(Conflict):
    code = "export_under_way"
    title = "Another export of yours is being made: wait for it, or cancel its job, and ask again."


class ExportsFull(Conflict):
    code = "exports_full"
    title = "Ten exports of yours are kept already: delete one (DELETE /api/v1/exports/{id}) and ask again."


class ExportTooLarge(Conflict):
    code = "export_too_large"
    title = (
        "An export holds 50,000 workouts and a million measurements at most: choose a shorter range by from and to, and"
        " export in parts."
    )


class NoTrack(Conflict):
    code = "no_track"
    title = "GPX holds positions, and none of these workouts has any: take FIT or TCX."


class NothingToExport(NotFound):
    code = "nothing_to_export"
    title = "There is nothing to export in this range: choose another, or connect a source first."
