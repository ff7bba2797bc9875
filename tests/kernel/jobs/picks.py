"""Running all that waits, here and now."""

from tests.kernel.jobs.staging import Shop

ROUNDS = 200


async def drain(shop: Shop, *, newest_first: bool = False) -> None:
    """Until nothing is left to do, whatever waits for its turn or for a dead worker's claim."""
    for _ in range(ROUNDS):
        shop.owner.execute("UPDATE kernel.jobs SET run_at = now() WHERE state = 'queued'")
        order = "DESC" if newest_first else "ASC"
        waiting = shop.owner.execute(
            "SELECT id FROM kernel.jobs WHERE state = 'queued' OR state = 'running' AND claimed_until < now()"
            f" ORDER BY id {order}"
        ).fetchall()
        if not waiting:
            return
        for row in waiting:
            await shop.run(row.id)
    raise AssertionError("there was always something left to do")
