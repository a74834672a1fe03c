from pipeline.reports.drawing import PALETTE
from pipeline.reports.shown_cells import how_many, looks, method_colors, shown
from tests.reports.comparisons import comparison, many


def test_majority_the_baseline_and_the_best_are_always_shown_in_the_comparison_s_order() -> None:
    every = comparison(many(300))
    some = shown(every, every.rows, 5)
    # macro-F1 rises from row to row
    assert [row.name for row in some] == [every.rows[place].name for place in (0, 1, 297, 298, 299)]
    assert how_many(some, every.rows) == "\n(shown: 5 of 300 cells, chosen on validation)"
    assert shown(every, every.rows[:4], 5) == list(every.rows[:4])
    assert how_many(every.rows, every.rows) == ""


def test_a_fifth_method_has_a_colour_of_its_own_without_a_list_of_methods() -> None:
    by_method = method_colors(comparison(many(12)))
    assert list(by_method) == ["majority", "logistic", "xgboost", "bert", "llama", "fifth"]
    assert list(by_method.values()) == list(PALETTE[:6])


def test_no_two_cells_of_a_method_look_alike_and_none_is_lost_on_white() -> None:
    every = comparison(many(100))
    logistic = [row for row in every.rows if row.method == "logistic"]
    look = looks(every, logistic)
    assert len({(one.color, one.marker) for one in look.values()}) == len(logistic) == 20
    assert all(min(one.color) < 0.75 for one in look.values())
