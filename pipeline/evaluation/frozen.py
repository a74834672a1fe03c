"""A test set that stays: what has been tested on is tested on again, whatever is labelled afterwards."""

from collections.abc import Collection

import polars as pl

from pipeline.artifacts.splits import LEFT_OUT, TEST, TRAIN, VALIDATION
from pipeline.errors import UserError
from pipeline.evaluation.groups import grouped, in_parts
from pipeline.statistics.partition import partition
from pipeline.text.leaks import shares_video


def with_fixed_test(labelled: pl.DataFrame, tested: Collection[str], validation: float, seed: int) -> pl.DataFrame:
    """SPLITS where test is given; of the others, whole videos validate or train.

    Args:
        labelled: comment_id, video_id (may be null), text, leaf.
        tested: ids of the comments that are test. Others of their videos are left out.
        validation: share of those that are neither.

    Raises:
        UserError: no comment is test, or the others are of one video.
    """
    comments = grouped(labelled.sort("comment_id"))
    in_test = pl.col("comment_id").is_in(list(tested))
    test, others = comments.filter(in_test), comments.filter(~in_test)
    if test.is_empty():
        raise UserError("No comment of split.frozen or split.test_rounds (params.yaml) has a gold label; correct them.")
    shared = shares_video(others, test)
    left_out, free = others.filter(shared), others.filter(~shared)
    if free["group"].n_unique() < 2:
        raise UserError(
            "Beside the videos of test there are labelled comments of fewer than two, for train and validation; label "
            "more."
        )
    parts = partition(free["leaf"].to_numpy(), free["group"].to_numpy(), [validation, 1 - validation], seed)
    sides = [VALIDATION if part == 0 else TRAIN for part in parts]
    whole = [
        in_parts(test, [TEST] * len(test)),
        in_parts(left_out, [LEFT_OUT] * len(left_out)),
        in_parts(free, sides),
    ]
    return pl.concat(whole).sort("comment_id")
