"""The worker's process model: Celery hands out messages, each pool process has one event loop and one platform.

Celery's tasks are synchronous; they run the job in the process's own loop. The parent process only supervises and
shows a sign of life.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import orjson
import redis
import structlog
from celery import Celery, signals

from rowhouse.kernel.jobs.picking import Turns
from rowhouse.kernel.jobs.runner import run_next
from rowhouse.kernel.observability import exporting, metrics
from rowhouse.kernel.observability.begin import begin, end
from rowhouse.kernel.observability.logs import configure_logging
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.queue.broker import TASK, make_celery
from rowhouse.kernel.queue.kinds import QUEUE_NAMES, JobKind, QueueName
from rowhouse.kernel.redis import HEARTBEAT_TTL_S, worker_heartbeat
from rowhouse.kernel.registry import Registry
from rowhouse.kernel.settings import Settings
from rowhouse.kit.garbage import settle
from rowhouse.kit.time import now

HEARTBEAT_EVERY_S = 2.0

log = structlog.get_logger(__name__)


class PoolProcess:
    """What one process of the pool holds: its loop and its clients, made after the fork."""

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._runner = asyncio.Runner()
        self._clients = AsyncExitStack()
        self._turns = Turns()
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._platform: Platform = self._runner.run(
            self._clients.enter_async_context(running(settings, registry, application="rowhouse-worker"))
        )
        settle()

    def run(self, queues: tuple[QueueName, ...], stopping: Callable[[], bool]) -> None:
        self._runner.run(self._run(queues, stopping))

    async def _run(self, queues: tuple[QueueName, ...], stopping: Callable[[], bool]) -> None:
        self._turns.queues = queues
        if stopping():
            return  # whatever waits is for other workers; the sweeper wakes them
        done = await run_next(
            self._platform, self._turns, worker=self._name, stopping=stopping, limited=killed_at_limit
        )
        if done is not None:
            await self._platform.queue.ring(done.queue)

    def close(self) -> None:
        self._runner.run(self._clients.aclose())
        self._runner.close()


def make_worker(registry: Registry, settings: Callable[[], Settings]) -> Celery:
    """The Celery application of a worker; `settings` are read when it starts, not when it is imported."""

    def broker_url() -> str:
        return settings().redis_url.get_secret_value()

    celery = make_celery(broker_url)
    celery.add_defaults(lambda: {"worker_concurrency": settings().workers})
    # Shared with the pool by fork: the parent is told to stop, the children run the jobs.
    stopping = multiprocessing.get_context("fork").Event()
    pool: list[PoolProcess] = []

    @celery.task(name=TASK, shared=False)
    def job(_because_of: str = "") -> None:
        pool[0].run(_served(celery), stopping.is_set)

    def start_process(**_: Any) -> None:
        begin("worker", settings())
        pool.append(PoolProcess(registry, settings()))

    def stop_process(**_: Any) -> None:
        while pool:
            pool.pop().close()
        end()

    def count(**_: Any) -> None:
        # Before the pool is forked: its processes count into the same folder.
        known = settings()
        exporting.begin("worker", host=known.metrics_host, port=known.metrics_port)
        metrics.know_jobs(registry.jobs)
        metrics.know_services(registry.services)

    def begin_stop(**_: Any) -> None:
        stopping.set()

    def show_life(sender: Any, **_: Any) -> None:
        beat = _beat(settings(), {"queues": _served(celery), "processes": int(sender.controller.concurrency)})
        beat()
        sender.timer.call_repeatedly(HEARTBEAT_EVERY_S, beat)

    def set_up_logging(**_: Any) -> None:
        configure_logging(settings().log_level, process="worker")

    # Signals hold their receivers weakly unless told otherwise.
    signals.setup_logging.connect(set_up_logging, weak=False)
    signals.worker_init.connect(count, weak=False)
    signals.worker_process_init.connect(start_process, weak=False)
    signals.worker_process_shutdown.connect(stop_process, weak=False)
    signals.worker_shutting_down.connect(begin_stop, weak=False)
    signals.worker_ready.connect(show_life, weak=False)
    return celery


def _served(celery: Celery) -> tuple[QueueName, ...]:
    """The queues that this worker was started for (`-Q`)."""
    return tuple(name for name in QUEUE_NAMES if name in celery.amqp.queues.consume_from)


@contextmanager
def killed_at_limit(kind: JobKind) -> Iterator[None]:
    """Has the system end this process when the job inside is not over in time: code that holds the interpreter can be
    stopped by nothing else. The row's claim then runs out, and another worker goes on."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(kind.hard_limit_s)
    try:
        yield
    finally:
        signal.alarm(0)


def _beat(settings: Settings, about: dict[str, Any]) -> Callable[[], None]:
    client = redis.Redis.from_url(
        settings.redis_url.get_secret_value(), socket_timeout=1, socket_connect_timeout=1
    )
    name = f"{socket.gethostname()}:{os.getpid()}"
    told = {"name": name, "started_at": now().isoformat(), **about}

    def beat() -> None:
        with contextlib.suppress(redis.RedisError, OSError):
            client.set(worker_heartbeat(name), orjson.dumps(told), ex=HEARTBEAT_TTL_S)

    return beat
