from tests.reports.pages import label_page, of_votes, said, tables, text_of


def test_disputes_name_the_pair_the_sides_and_examples() -> None:
    text = text_of()
    pairs, examples = (table for table in tables(text) if table[0][0].content == "disputed")
    # joy or awe: 2 pairs in each of three comments, 1 in the comment where all differ; A and B against C thrice
    assert [cell.content for cell in pairs[1]] == ["joy or awe?", "A 4, B 3", "B 1, C 3", "7", "64%"]
    assert [cell.content for cell in examples[1]] == ["joy or awe?", "“弹幕dm20”", "joy: A, B; awe: C"]


def test_an_annotator_alone_against_all_others_is_named() -> None:
    habit = said(2, *["joy joy awe"] * 3, *["joy joy joy", "awe awe awe"] * 4)
    assert "C alone says awe where others say joy (3 comments)" in text_of(**of_votes(habit))
    assert "alone says" not in text_of()  # B says awe, too
    slip = said(2, *["joy joy awe"] * 2, *["joy joy joy", "awe awe awe"] * 4)
    assert "alone says" not in text_of(**of_votes(slip))


def test_leaves_stand_by_reliability_and_annotators_by_pair() -> None:
    entry = label_page().agreement.rounds[1]
    expected = sorted(entry.leaves, key=lambda leaf: leaf.alpha.value or 0.0)
    text = text_of()
    (leaves,) = (table for table in tables(text) if table[0][-1].content.startswith("said by another"))
    assert [line[0].content for line in leaves[1:]] == [leaf.leaf for leaf in expected]
    (pairs,) = (table for table in tables(text) if table[0][-1].content.startswith("Cohen"))
    assert [line[0].content for line in pairs[1:]] == ["A and B", "A and C", "B and C"]
    assert pairs[1][3].content.startswith(f"{entry.pairs[0].cohen_kappa.value:.3f} [")


def test_perfect_agreement_leaves_no_dispute_to_show() -> None:
    text = text_of(**of_votes(said(2, *["joy joy joy"] * 3, *["awe awe awe"] * 3)))
    assert "Nobody differed from anybody in round 2." in text
    assert "The first have no more of them than gold at large" in text
