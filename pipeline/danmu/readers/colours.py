"""A colour however it is spelled: as a number, in hexadecimal, by its red, green and blue, or by a name."""

import re

LARGEST_COLOR = 2**32 - 1
#: with a mark, or of six digits of which one is a letter: 123456 is a number
HEX = re.compile(r"(?:#|0[xX])([0-9a-fA-F]{1,8})|(?![0-9]{6})([0-9a-fA-F]{6})")
RGB = re.compile(r"rgba?\(\s*([0-9]{1,3})[,\s]+([0-9]{1,3})[,\s]+([0-9]{1,3})\s*(?:[,/][^()]*)?\)", re.IGNORECASE)
WHOLE = re.compile(r"([0-9]{1,20})(?:\.0*)?")
#: the names that mean the same wherever colours have names
NAMES = {"white": 0xFFFFFF, "black": 0, "red": 0xFF0000, "blue": 0xFF, "yellow": 0xFFFF00, "cyan": 0xFFFF}


def color_number(value: str) -> int | None:
    """0xRRGGBB; None where it is no colour."""
    value = value.strip()
    if whole := WHOLE.fullmatch(value):
        number = int(whole[1])
        return number if number <= LARGEST_COLOR else None
    if spelled := HEX.fullmatch(value):
        digits = spelled[1] or spelled[2]
        return int("".join(digit * 2 for digit in digits) if value[0] == "#" and len(digits) == 3 else digits, 16)
    if parts := RGB.fullmatch(value):
        red, green, blue = map(int, parts.groups())
        return red << 16 | green << 8 | blue if max(red, green, blue) < 256 else None
    return NAMES.get(value.lower())
