"""What goes wrong with backups; each sentence says what to do.

BackupError
├── NotThere           no finished backup of that name
├── Damaged            what was read is not what was written
├── SchemaDiffers      made by another version of the schema
├── KeysLost           the storage has lost data keys of which the place of backups has the only copy
├── ProgramFailed      one of PostgreSQL's programs said no, or is not on this machine
├── NotReached         the write-ahead log that was kept does not lead to the moment
└── WouldMix           restoring would put together what does not belong together
"""


class BackupError(Exception):
    pass


class NotThere(BackupError):
    pass


class Damaged(BackupError):
    pass


class SchemaDiffers(BackupError):
    pass


class KeysLost(BackupError):
    pass


class ProgramFailed(BackupError):
    pass


class NotReached(BackupError):
    pass


class WouldMix(BackupError):
    pass
