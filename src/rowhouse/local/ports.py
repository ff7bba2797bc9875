"""Free TCP ports of the loopback interface."""

import secrets
import socket

# Below the kernel's ephemeral range (32768 and up), so that an outgoing connection of some other program
# never sits on a kept port when the stack starts again.
LOWEST, HIGHEST = 15000, 32000
ATTEMPTS = 200


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on now. It is not reserved: whoever asks binds it soon.

    Raises OSError when none was found.
    """
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of that many free ports in a row; raises OSError likewise."""
    for _ in range(ATTEMPTS):
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        if all(is_free(port + n) for n in range(count)):
            return port
    raise OSError(f"no free port between {LOWEST} and {HIGHEST} in {ATTEMPTS} attempts")
