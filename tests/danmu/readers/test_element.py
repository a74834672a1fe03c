"""What begins a thousand times and never ends is looked for once, and numbers beyond reason name no character."""

import pytest

from pipeline.danmu.readers.element import split_elements
from pipeline.danmu.record import Flaw

SOUND = '<d p="1,1,25,1,1577000000,0,a,7">{}</d>'


@pytest.mark.parametrize("digits", [20, 5000])
def test_a_reference_to_no_character_costs_that_character(digits: int) -> None:
    assert list(split_elements(SOUND.format("a&#" + "9" * digits + ";b"))) == list(
        split_elements(SOUND.format("a&#1114112;b"))
    )


@pytest.mark.parametrize(
    "mark", ["<?", "<!--", "<!DOCTYPE", "<![CDATA[", "<a ", "&#", "<sc ", "<sc a='1'>", "<a>", "</a>", '<a "']
)
def test_time_grows_with_the_text_and_not_with_its_square(mark: str) -> None:
    """Where it does, this takes minutes."""
    for text in (mark * 100_000, SOUND.format(mark * 100_000)):
        list(split_elements(text))


def test_remarks_and_data_are_what_they_were() -> None:
    assert not list(split_elements("<?xml a?><!DOCTYPE i><!-- <d> --><i></i>"))
    ((*_, text),) = split_elements(SOUND.format("<![CDATA[a&b]]>c<![CDATA[d"))
    assert text == "a&bc<![CDATA[d"
    (flaw,) = split_elements("<!-- open")
    assert isinstance(flaw, Flaw)
