"""costs/…: what a piece of work took. Costs differ from run to run, so they have files of their own."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.artifacts.artifact import Record
from pipeline.runtime import Cost

COSTS = Path("costs")


@dataclass
class SilverCost(Cost):
    """What the model annotator took; the tokens and money of all answers, those of earlier runs included."""

    input_tokens: int = 0
    output_tokens: int = 0
    money: float = 0.0
    requests: int = 0  # sent in this run
    from_cache: int = 0  # answers that nobody had to be asked for


SILVER_COST_FILE = Record(COSTS / "silver" / "silver.json", SilverCost, "silver")


def cost_file(method: str, key: str) -> Record[Cost]:
    """The costs of one cell, or of a stage."""
    return Record(COSTS / method / f"{key}.json", Cost, method)
