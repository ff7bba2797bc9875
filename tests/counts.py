"""What this process has counted so far."""

from rowhouse.kernel.observability.metrics import REGISTRY


def counted(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(metric, labels) or 0.0


def refusals_by_policy() -> float:
    return counted("rowhouse_isolation_refusals_total", wall="policy")
