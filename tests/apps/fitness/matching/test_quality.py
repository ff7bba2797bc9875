"""Precision and recall on labelled recordings (quality Q3), on seeds nothing was tuned on."""

import pytest

from bench.matching import measure

SEEDS = (501, 502)


@pytest.mark.parametrize(("hard", "recall"), [(False, 0.98), (True, 0.95)], ids=["clean", "adversarial"])
def test_merges_are_right_and_few_are_missed_or_asked(hard: bool, recall: float) -> None:
    figures = measure(SEEDS, athletes=2, days=44, hard=hard).figures()
    assert figures["true_pairs"] > 500
    assert figures["precision"] >= 0.999
    assert figures["recall"] >= recall
    assert figures["asked_per_true_pair"] <= 0.02
    assert figures["asked_per_record"] <= 0.02
