"""What can go wrong on the machine of the person who runs Rowhouse; each message says what to do.

LocalError
├── ServerMissing   a program the stack needs is not installed
├── ServerFailed    a server or process did not become ready
└── AlreadyRunning  another `rowhouse up` holds the home
"""


class LocalError(Exception):
    """A local run can't go on."""


class ServerMissing(LocalError):
    """A program the stack needs is not installed."""


class ServerFailed(LocalError):
    """A server or process did not become ready; the message ends with its last lines."""


class AlreadyRunning(LocalError):
    """Another `rowhouse up` holds the home."""
