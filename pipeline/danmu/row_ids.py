"""What row ids tell by their digits: when they were given, and whether they went through a float."""

import re

#: ids were counted one by one until May 2018: so many digits from this Unix time on
#: (seen: 30,723,621 in June 2011; 116,408,000 in 2012; 1,132,361,397 in August 2015)
COUNTED = ((1_449_000_000, 10), (1_332_000_000, 9), (0, 8))
#: from May 2018 on they are times since then: 2**29 steps a second at first, 2**23 a millisecond at last
#: (seen: 26,132,238,280,687,620 in December 2019; 1,562,564,837,144,757,248 in April 2024)
EPOCH = 1_527_100_000
RATES = (2.0**29, 2.0**23 * 1000)
NEAR = 0.15  # how far an id may be from its clock; ten times that is another number of digits

#: the first whole number that a float cannot tell from its neighbour
FLOAT_EXACT = 2**53

LONG_ID = re.compile(rb"(?<![0-9.])[0-9]{16,19}(?![0-9.])")
#: a float keeps 15 to 17 digits, so that longer ids end in zeros. Of sound ids one in 25 or fewer end in 00
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
    if sent < EPOCH + 1:
        length = next(length for begin, length in COUNTED if sent >= begin)
        return min(length, len(digits))
    for rate in RATES:
        expected = rate * (sent - EPOCH)
        for length in range(15, 20):
            if length <= len(digits) and abs(int(digits[:length]) / expected - 1) < NEAR:
                return length
    return min(len(digits), 19)


def went_through_floats(beginning: bytes) -> bool:
    """Whether the row ids of a file that begins so have lost digits: most of them end in 00."""
    ids = LONG_ID.findall(beginning[:LOOKED_AT])
    return len(ids) >= ENOUGH and sum(digits.endswith(b"00") for digits in ids) > SHARE * len(ids)
