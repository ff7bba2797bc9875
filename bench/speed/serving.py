"""The servers under test, each one uvicorn worker with uvloop and httptools, and what a round of load costs."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from bench.harness import ROOT, Servers, cpu_s, python, run_json
from rowhouse.local.ports import free_port, is_free

CONNECTIONS = 100
Request = tuple[str, str]
"""A path, and header lines each ending with CRLF."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server that is up, and what it is asked."""

    name: str
    port: int
    process: psutil.Process
    requests: Sequence[Request]
    connections: int = CONNECTIONS


@contextmanager
def serving(
    factory: str, environment: Mapping[str, str], *, workers: int = 1
) -> Iterator[tuple[int, psutil.Process]]:
    """One API server; its log lines are made as always and go to /dev/null."""
    port = free_port()
    command = python(
        "-m", "uvicorn", "--factory", factory, "--host", "127.0.0.1", "--port", str(port),
        "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-proxy-headers", "--no-server-header", "--workers", str(workers),
    )  # fmt: skip
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=None if "BENCH_VERBOSE" in os.environ else subprocess.DEVNULL,
    )
    try:
        _wait_until_open(port, process)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def loaded(contestant: Contestant, servers: Servers, seconds: float) -> dict[str, float]:
    """One round: requests a second, latencies, and CPU microseconds a request by who spent them."""
    spenders = {"server": contestant.process, **server_processes(servers)}
    before = {name: cpu_s(process) for name, process in spenders.items()}
    orders = {
        "port": contestant.port,
        "connections": contestant.connections,
        "seconds": seconds,
        "requests": contestant.requests,
    }
    seen = run_json(python("-m", "bench.speed.load"), json.dumps(orders))
    if seen["failed"]:
        raise RuntimeError(f"{contestant.name}: {seen['failed']} of {seen['requests']} requests failed")
    spent = {f"{n}_us": 1e6 * (cpu_s(p) - before[n]) / seen["requests"] for n, p in spenders.items()}
    return {
        "requests_per_s": seen["requests"] / seen["elapsed_s"],
        "p50_ms": seen["p50_ms"],
        "p95_ms": seen["p95_ms"],
        "p99_ms": seen["p99_ms"],
        **spent,
        "cpu_us": sum(spent.values()),
        "bytes": seen["bytes"] / seen["requests"],
    }


def server_processes(servers: Servers) -> dict[str, psutil.Process]:
    """PostgreSQL's postmaster and Redis."""
    found = {}
    for server in servers.stack.servers:
        pid = server.pid
        assert pid is not None
        found[server.name] = psutil.Process(pid)
    return found


def _wait_until_open(port: int, process: "subprocess.Popen[bytes]") -> None:
    """uvicorn listens when the application has started."""
    while is_free(port):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}; BENCH_VERBOSE=1 shows why")
        time.sleep(0.05)
