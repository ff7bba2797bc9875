"""Celery over Redis, set so that it loses nothing and hangs on nothing.

A message is only a wake-up call: the worker that hears it picks the row whose turn it is (`jobs/picking.py`), and
rings for the next when it is done. What a lost or doubled message would do is settled by the rows and the sweeper.
"""

from collections.abc import Callable, Mapping
from typing import Any

from celery import Celery
from kombu import Exchange
from kombu import Queue as KombuQueue

from rowhouse.kernel.queue.kinds import LONGEST_S, QueueName

TASK = "rowhouse.job"
QUEUES: Mapping[QueueName, int] = {"critical": 0, "default": 3, "bulk": 9}
"""The queues with the priority of their messages: 0 is taken first, whatever waits in the other queues."""

KEY_PREFIX = "celery:"
VISIBILITY_TIMEOUT_S = 7_200

MOST_WAITING = 64
"""Messages in one queue, more or less: so many wake whoever is free, and each job that ends rings for the next. Ten
thousand jobs are ten thousand rows, not ten thousand messages that others' would wait behind."""

if LONGEST_S >= VISIBILITY_TIMEOUT_S:
    raise AssertionError("a job that outlives the visibility timeout would be handed out twice")


def waiting_list(queue: QueueName) -> str:
    """Where a queue's messages wait in Redis, as Celery names it."""
    priority = QUEUES[queue]
    return f"{KEY_PREFIX}{queue}:{priority}" if priority else f"{KEY_PREFIX}{queue}"


def make_celery(redis_url: Callable[[], str]) -> Celery:
    """The Celery application, for publishers and workers alike. The address is asked for at the first use, so that
    a door can be imported where nothing is configured."""
    celery = Celery("rowhouse", set_as_current=False)
    celery.add_defaults(lambda: {"broker_url": redis_url(), **_configuration()})
    return celery


def _configuration() -> dict[str, Any]:
    return {
        "task_queues": [
            # An exchange each: with Celery's common one every queue would get every message.
            KombuQueue(name, Exchange(name, type="direct"), routing_key=name)
            for name in QUEUES
        ],
        "task_default_queue": "default",
        "task_create_missing_queues": False,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_track_started": False,
        "task_publish_retry": False,
        "worker_prefetch_multiplier": 1,
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_max_tasks_per_child": 1_000,
        # The last resort: each job's own limit is its process's alarm (`jobs/worker.py`).
        "task_time_limit": LONGEST_S + 60,
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 2,
        "broker_transport_options": {
            "global_keyprefix": KEY_PREFIX,
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            # Without these two a message of a killed worker comes back a minute and a half late.
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "queue_order_strategy": "priority",
            "priority_steps": sorted(QUEUES.values()),
            "sep": ":",
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
            "socket_keepalive": True,
            "retry_on_timeout": False,
        },
    }
