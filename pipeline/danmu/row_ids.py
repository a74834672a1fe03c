"""What the digits of a row id tell: about when it was given, and whether it went through a float."""

import re
from bisect import bisect
from math import log

import polars as pl

#: ids were counted one by one until May 2018: Unix time and id of some real comments. Between these, and
#: beyond them, ids are taken to have grown by the same share each day
COUNTED = (
    (1_296_965_347, 14_089_276),
    (1_307_940_958, 30_723_621),
    (1_323_910_936, 63_670_001),
    (1_440_123_557, 1_132_361_397),
)
#: from May 2018 on an id is the time since then, in steps of 2**-29 seconds at first, of 2**-23 milliseconds later
#: (seen: 26,132,238,280,687,620 in December 2019; 1,562,564,837,144,757,248 in April 2024)
EPOCH = 1_527_100_000
RATES = (2.0**29, 2.0**23 * 1000)
NEAR = 0.15  # relative distance of an id from its clock; with a digit more or less, it is far greater

#: a number of at most so many digits beside a time when ids were a clock counts the records of a file. A longer one, or
#: one beside an earlier time, may be the site's: it has changed the times of old comments by many years
COUNTER_DIGITS = 6

#: the first whole number that a float cannot tell from its neighbour
FLOAT_EXACT = 2**53

LONG = 10**15  # the first id of 16 digits
LONG_ID = re.compile(rb"(?<![0-9.])[0-9]{16,19}(?![0-9.])")
#: a float keeps 15 to 17 digits, so that longer ids end in zeros; of sound ids, one in 25 or fewer end in 00.
#: This many ids are needed to judge, and more than this share of them must end in 00
ENOUGH, SHARE = 10, 0.5
LOOKED_AT = 1 << 14  # bytes of a file's beginning; a hundred comments


def id_length(digits: str, sent: float) -> int:
    """How many of the digits are the row id, where the text behind it begins with further ones.

    Args:
        digits: the row id and whatever digits the text begins with.
        sent: Unix time of the comment.
    """
    if sent > 1e11:
        sent /= 1000
    if sent <= EPOCH:
        expected = counted(sent)
        lengths = range(1, min(len(digits), 10) + 1)
        return min(lengths, key=lambda length: abs(log(max(int(digits[:length]), 1) / expected)))
    for rate in RATES:
        expected = rate * (sent - EPOCH)
        for length in range(15, 20):
            if length <= len(digits) and abs(int(digits[:length]) / expected - 1) < NEAR:
                return length
    return min(len(digits), 19)


def counted(sent: float) -> float:
    """About which id a comment of before May 2018 has."""
    after = min(max(bisect([time for time, _ in COUNTED], sent), 1), len(COUNTED) - 1)
    (begin, low), (end, high) = COUNTED[after - 1 : after + 1]
    return float(low * (high / low) ** ((sent - begin) / (end - begin)))


def is_counter(row_id: pl.Expr, sent: pl.Expr) -> pl.Expr:
    """Whether ids are no ids of comments that were sent at these Unix times; an unknown time tells nothing."""
    small: pl.Expr = (row_id < 10**COUNTER_DIGITS) & (sent > EPOCH)
    return small.fill_null(False)


def went_through_floats(beginning: bytes | bytearray) -> bool:
    """Whether the row ids of a file that begins so have lost digits: most of them end in 00."""
    ids = LONG_ID.findall(beginning[:LOOKED_AT])
    return len(ids) >= ENOUGH and sum(digits.endswith(b"00") for digits in ids) > SHARE * len(ids)


def ids_went_through_floats(row_ids: pl.Series) -> bool:
    """The same of row ids as numbers."""
    long = row_ids.filter(row_ids >= LONG)
    return len(long) >= ENOUGH and int((long % 100 == 0).sum()) > SHARE * len(long)
