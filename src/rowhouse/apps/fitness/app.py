"""Fitness as an app: what it adds to the platform."""

from rowhouse.apps.fitness.demo.load import load_demo
from rowhouse.apps.fitness.files.importing import IMPORT
from rowhouse.apps.fitness.files.routes import router as files
from rowhouse.apps.fitness.workouts.routes import hot_lists
from rowhouse.apps.fitness.workouts.routes import router as workouts
from rowhouse.kernel.access.permissions import Permission, Role
from rowhouse.kernel.registry import App

fitness = App(
    name="fitness",
    title="Fitness",
    schema="fitness",
    routers=(files, hot_lists, workouts),
    permissions=(
        Permission("fitness.workouts.read", "See one's workouts, their samples and open questions."),
        Permission("fitness.workouts.write", "Edit, split, merge and delete one's workouts."),
        Permission("fitness.uploads.read", "See one's uploads and download original files."),
        Permission("fitness.uploads.write", "Upload activity files."),
    ),
    roles=(
        Role("owner", ("fitness.*",)),
        Role("admin", ("fitness.*",)),
        Role("member", ("fitness.workouts.manage", "fitness.uploads.manage")),
        Role("athlete", ("kernel.jobs.manage", "fitness.workouts.manage", "fitness.uploads.manage")),
    ),
    jobs=(IMPORT,),
    demo=load_demo,
)
