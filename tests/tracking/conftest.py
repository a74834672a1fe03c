from pathlib import Path

import pytest

from pipeline.tracking.mirror import Mirror


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store with an experiment and no runs, to be copied: MLflow takes seconds to make one."""
    file = tmp_path_factory.mktemp("store") / "mlflow.db"
    Mirror(f"sqlite:///{file}")
    return file
