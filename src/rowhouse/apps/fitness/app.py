"""Fitness as an app: what it adds to the platform."""

from rowhouse.apps.fitness.analysis.routes import hot_analysis
from rowhouse.apps.fitness.analysis.routes import router as analysis
from rowhouse.apps.fitness.analysis.weeks import WEEK_DONE, WEEKS
from rowhouse.apps.fitness.biometrics.routes import hot_biometrics
from rowhouse.apps.fitness.biometrics.routes import router as biometrics
from rowhouse.apps.fitness.consents import HEALTH_DATA
from rowhouse.apps.fitness.deletions.deleting import DELETE_JOB
from rowhouse.apps.fitness.deletions.routes import router as deletions
from rowhouse.apps.fitness.demo.load import load_demo, make_decoys
from rowhouse.apps.fitness.exports.exporting import EXPORT
from rowhouse.apps.fitness.exports.exporting import EXPORTS as EXPORTS_A_DAY
from rowhouse.apps.fitness.exports.routes import router as exports
from rowhouse.apps.fitness.files.importing import IMPORT
from rowhouse.apps.fitness.files.routes import router as files
from rowhouse.apps.fitness.files.service import UPLOADS, athlete_folder, uploads_folder
from rowhouse.apps.fitness.files.telling import IMPORT_OPEN
from rowhouse.apps.fitness.flags import FITNESS_FLAGS
from rowhouse.apps.fitness.onboarding import athlete_flow, coach_flow
from rowhouse.apps.fitness.precedence.rebuilding import REBUILD
from rowhouse.apps.fitness.precedence.routes import router as precedence
from rowhouse.apps.fitness.precedence.service import CHANGES as PRECEDENCE_CHANGES
from rowhouse.apps.fitness.preferences.routes import router as preferences
from rowhouse.apps.fitness.privacy import EXPORTS, HOLDINGS
from rowhouse.apps.fitness.retention import BIOMETRICS, ORIGINALS, TERMS
from rowhouse.apps.fitness.retention import UPLOADS as UPLOADS_KEPT
from rowhouse.apps.fitness.sources.chores import SYNCS
from rowhouse.apps.fitness.sources.providers import PROVIDERS
from rowhouse.apps.fitness.sources.routes import hot_sources
from rowhouse.apps.fitness.sources.routes import router as sources
from rowhouse.apps.fitness.sources.service import KEYS, MANUAL_SYNCS
from rowhouse.apps.fitness.sources.subscribing import SUBSCRIPTIONS
from rowhouse.apps.fitness.sources.syncing import FORGET_JOB, SYNC_JOB
from rowhouse.apps.fitness.sources.telling import KINDS as SOURCE_NOTICES
from rowhouse.apps.fitness.thresholds.routes import hot_proposals
from rowhouse.apps.fitness.thresholds.routes import router as thresholds
from rowhouse.apps.fitness.thresholds.service import CHANGES
from rowhouse.apps.fitness.workouts.events import PUBLISHED
from rowhouse.apps.fitness.workouts.routes import hot_lists
from rowhouse.apps.fitness.workouts.routes import router as workouts
from rowhouse.apps.fitness.workouts.sharing import ATHLETE
from rowhouse.kernel.access.permissions import Permission, Role
from rowhouse.kernel.registry import App

READING = ("fitness.workouts.read", "fitness.biometrics.read", "fitness.uploads.read")
"""One's own, which may be nothing, and what athletes have granted."""

OWN = (
    "fitness.workouts.manage",
    "fitness.biometrics.read",
    "fitness.uploads.manage",
    "fitness.sources.manage",
)

fitness = App(
    name="fitness",
    title="Fitness",
    schema="fitness",
    routers=(
        files,
        deletions,
        hot_lists,
        hot_analysis,
        hot_biometrics,
        hot_proposals,
        hot_sources,
        workouts,
        thresholds,
        analysis,
        biometrics,
        sources,
        precedence,
        preferences,
        exports,
    ),
    permissions=(
        Permission(
            "fitness.workouts.read", "See one's workouts, their samples and load, and one's thresholds."
        ),
        Permission(
            "fitness.workouts.write", "Edit, split, merge and delete one's workouts; set one's thresholds."
        ),
        Permission("fitness.biometrics.read", "See what devices say of one's body, and what is usual of it."),
        Permission("fitness.uploads.read", "See one's uploads and download original files."),
        Permission("fitness.uploads.write", "Upload activity files, and delete one's uploads."),
        Permission("fitness.sources.read", "See one's connected providers and how each stands."),
        Permission("fitness.sources.write", "Connect, sync and disconnect providers."),
    ),
    roles=(
        Role("owner", ("fitness.*",)),
        Role("admin", ("fitness.*",)),
        Role("member", OWN),
        Role("viewer", READING),
        Role("athlete", OWN),
        Role("coach", READING),
    ),
    resources=(ATHLETE,),
    limits=(UPLOADS, CHANGES, MANUAL_SYNCS, KEYS, PRECEDENCE_CHANGES, EXPORTS_A_DAY),
    flags=FITNESS_FLAGS,
    jobs=(IMPORT, DELETE_JOB, SYNC_JOB, FORGET_JOB, REBUILD, EXPORT),
    chores=(SYNCS, SUBSCRIPTIONS, WEEKS),
    services=tuple(one.service for one in PROVIDERS.values()),
    webhook_providers=tuple(one.webhook for one in PROVIDERS.values() if one.webhook is not None),
    notices=(IMPORT_OPEN, *SOURCE_NOTICES, WEEK_DONE),
    figures=("SELECT figure, of, count FROM resolve.fitness_figures()",),
    published=PUBLISHED,
    onboarding=(athlete_flow, coach_flow),
    holdings=HOLDINGS,
    exports=EXPORTS,
    consents=(HEALTH_DATA,),
    retention=(ORIGINALS, UPLOADS_KEPT, BIOMETRICS, *TERMS),
    folders=(uploads_folder, athlete_folder),
    demo=load_demo,
    decoys=make_decoys,
)
