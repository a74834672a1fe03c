"""Every method, whichever there are: what it has learnt is saved whole and loads again anywhere."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.artifacts.embeddings import Embedding
from pipeline.artifacts.training import Comments
from pipeline.dag.methods import method_module
from pipeline.errors import UserError
from pipeline.methods import Fitted, load
from pipeline.networks.digests import digest
from pipeline.networks.encoder import Encoder
from tests.methods.samples import LEAVES, METHODS, OwnVectors, small, table, training

#: another batch has another padding, and sums come out differently in the last digits
TOLERANCE = 1e-5


@pytest.fixture(scope="module", params=METHODS)
def fitted(request: pytest.FixtureRequest, tiny_bert: Path, tiny_llama: Path) -> Fitted:
    settings, models = small(request.param, tiny_bert, tiny_llama)
    answer: Fitted = method_module(request.param).fit(training(models), settings)
    return answer


def asked(rows: list[int]) -> Comments:
    return Comments(table(), np.array(rows, dtype=np.intp), OwnVectors())


def test_probabilities_are_of_all_leaves_and_sum_to_one(fitted: Fitted) -> None:
    answer = fitted.probabilities(asked(list(range(60))))
    assert fitted.leaves == LEAVES and answer.shape == (60, 4) and np.isfinite(answer).all()
    np.testing.assert_allclose(answer.sum(1), 1, atol=1e-5)
    assert fitted.probabilities(asked([])).shape == (0, 4)


def test_saved_and_moved_it_says_the_same_to_the_byte(fitted: Fitted, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    fitted.save(tmp_path / "made")
    shutil.move(tmp_path / "made", tmp_path / "elsewhere")
    again = load(tmp_path / "elsewhere")
    rows = list(range(40, 60))
    assert again.probabilities(asked(rows)).tobytes() == fitted.probabilities(asked(rows)).tobytes()
    assert again.leaves == fitted.leaves and again.facts == fitted.facts
    # and what was loaded saves the same files
    (tmp_path / "again").mkdir()
    again.save(tmp_path / "again")
    files = sorted(path.name for path in (tmp_path / "elsewhere").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "again").iterdir())
    assert not [name for name in files if name.endswith((".pkl", ".pickle", ".joblib", ".bin", ".pt"))]
    for name in files:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "elsewhere" / name).read_bytes(), name


def test_neither_order_nor_company_changes_what_is_said_of_a_comment(fitted: Fitted) -> None:
    whole = fitted.probabilities(asked(list(range(60))))
    turned = fitted.probabilities(asked(list(range(60))[::-1]))
    np.testing.assert_allclose(turned[::-1], whole, atol=TOLERANCE)
    alone = np.concatenate([fitted.probabilities(asked([row])) for row in range(0, 60, 7)])
    np.testing.assert_allclose(alone, whole[::7], atol=TOLERANCE)


def test_a_folder_without_a_fitted_method_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no fitted method"):
        load(tmp_path)


@pytest.mark.parametrize("method", [name for name in METHODS if method_module(name).NEEDS_VECTORS])
def test_a_method_that_learnt_from_vectors_can_be_asked_by_running_their_encoder(
    method: str, tiny_bert: Path, tiny_llama: Path, tmp_path: Path
) -> None:
    embedding = Embedding("tiny", "path", str(tiny_bert), None, "mean", "", None, 32, digest(tiny_bert), 32)
    settings, models = small(method, tiny_bert, tiny_llama)
    learnt = method_module(method).fit(training(models, Encoder(embedding)), settings)
    learnt.save(tmp_path)
    again = load(tmp_path)
    comments = Comments(table(), np.arange(10), Encoder(again.embedding))  # type: ignore[attr-defined]
    answer = again.probabilities(comments)
    np.testing.assert_allclose(answer, learnt.probabilities(comments), atol=TOLERANCE)
    with pytest.raises(UserError, match="learnt from vectors of tiny"):
        again.probabilities(asked([0]))


def test_an_encoder_whose_weights_changed_is_refused(tiny_bert: Path) -> None:
    embedding = Embedding("tiny", "path", str(tiny_bert), None, "mean", "", None, 32, "0" * 64, 32)
    with pytest.raises(UserError, match=r"weights of .* are others"):
        Encoder(embedding)
