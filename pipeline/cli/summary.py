"""`danmu summary`: where the last comparison stands."""


def summary() -> None:
    """Say where the last comparison stands and how to open it.

    Example: danmu summary
    """
    from pipeline.addresses import masked
    from pipeline.artifacts.reports import COMPARED_FILE, REPORTS, scores_on_test
    from pipeline.terminal import say
    from pipeline.tracking.store import tracking_uri

    compared = COMPARED_FILE.read()
    width = max(map(len, compared.cells))
    say(f"\n{'cell'.ljust(width)}  accuracy  macro-F1")
    for name in compared.cells:
        test = scores_on_test(name)
        mark = "  ← best on validation" if name == compared.best else ""
        say(f"{name.ljust(width)}  {test.accuracy:8.3f}  {test.macro_f1:8.3f}{mark}")
    say(f"\nreport:   {(REPORTS / 'report.md').resolve()}")
    say(f"MLflow:   make ui   ({masked(tracking_uri())})")
