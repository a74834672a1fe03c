"""`danmu summary`: where the last comparison stands."""


def summary() -> None:
    """Say where the last comparison stands and how to open it.

    Example: danmu summary
    """
    from pipeline.addresses import masked
    from pipeline.artifacts.reports import COMPARED_FILE, REPORTS, metrics_path
    from pipeline.files import read_json
    from pipeline.tracking.store import tracking_uri

    compared = COMPARED_FILE.read()
    width = max(map(len, compared.cells))
    print(f"\n{'cell'.ljust(width)}  accuracy  macro-F1")
    for name in compared.cells:
        test = read_json(metrics_path(name))["test"]
        mark = "  ← best on validation" if name == compared.best else ""
        print(f"{name.ljust(width)}  {test['accuracy']:8.3f}  {test['macro_f1']:8.3f}{mark}")
    print(f"\nreport:   {(REPORTS / 'report.md').resolve()}")
    print(f"MLflow:   make ui   ({masked(tracking_uri())})")
