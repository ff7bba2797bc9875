"""What can stand against a change of workouts."""

from rowhouse.kernel.errors import Conflict


class NothingToSplit(Conflict):
    code, title = "nothing_to_split", "This workout comes from a single recording; there is nothing to split."


class NotOneWorkout(Conflict):
    code = "not_one_workout"
    title = "These recordings neither overlap nor are alike; they can't be one workout."


class KeptApart(Conflict):
    code = "kept_apart"
    title = "A provider's terms of use let what it gave be combined with nothing else; upload the device's own file."
