"""Why events are not replayed.

NotFound 404
└── NoSuchReplay
Conflict 409
└── NothingSubscribes
"""

from rowhouse.kernel.errors import Conflict, NotFound


class NoSuchReplay(NotFound):
    code, title = "no_such_replay", "There is no replay with this id; `rowhouse events list` shows them."


class NothingSubscribes(Conflict):
    code, title = "nothing_subscribes", "No such subscription listens to this type of event."
