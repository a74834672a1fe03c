"""Fine-tuning with transformers.Trainer: one loop for encoders and for adapted decoders.

The Trainer (and Accelerate below it) brings torchrun, FSDP and mixed precision; here stand the four
things it leaves to us: how the loss is weighted and normalised, where the head starts, which epoch
is kept, and how an interrupted run goes on.
"""

import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

from pipeline.files import read_json, replacing, write_json
from pipeline.networks.batching import PadTo, Tokens, run_network, softmax
from pipeline.networks.classifier import load_trained_state, trained_state
from pipeline.runtime import interactive
from pipeline.statistics.class_weight import class_weights
from pipeline.statistics.probe import fit_probe

Floats = np.ndarray[Any, Any]
#: candidates for C of the regression that a head starts from
PROBE_C = (0.1, 0.3, 1.0, 3.0, 10.0)


def checkpoint_seconds() -> float:
    """Least time between two checkpoints: a short run is sooner repeated than stored."""
    return float(os.environ.get("DANMU_CHECKPOINT_SECONDS", "300"))


@dataclass(frozen=True)
class Optimisation:
    """What of params.yaml concerns the loop."""

    learning_rate: float
    head_learning_rate: float
    head_start: str
    class_weight: str
    epochs: int
    batch_size: int
    gradient_accumulation: int
    weight_decay: float
    warmup: float
    precision: str
    seed: int


@dataclass
class Part:
    """A split, ready for the network."""

    tokens: Tokens
    targets: np.ndarray[Any, np.dtype[np.intp]]
    weights: Floats  # of the items: gold 1, silver as params.yaml says

    def rows(self) -> list[dict[str, Any]]:
        """What the Trainer calls a dataset; the weights with mean 1, for a step's size is the learning rate's."""
        each = zip(self.tokens, self.targets, self.weights / self.weights.mean(), strict=True)
        return [{**tokens, "labels": int(target), "item_weights": float(weight)} for tokens, target, weight in each]


@dataclass
class History:
    """One row per epoch, the best one's number, and what the head started from."""

    curve: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0

    def best(self) -> float:
        """Validation macro-F1 of the epoch that is kept; below any score where there is none yet."""
        return max((row["validation_macro_f1"] for row in self.curve), default=-1.0)


def weighted_loss(weights: Floats) -> Any:
    """Cross-entropy with class and item weights, normalised once per optimiser step.

    The sum over a micro-batch is divided by the number of texts in the whole step, so that 4 × 4
    and 1 × 16 give the same update. The weights have mean 1 over the training set.
    """
    import torch

    def loss(outputs: dict[str, torch.Tensor], labels: torch.Tensor, num_items_in_batch: Any = None) -> torch.Tensor:
        logits, items = outputs["logits"].float(), outputs["item_weights"].float()
        weight = torch.as_tensor(weights, dtype=torch.float32, device=logits.device)
        each = torch.nn.functional.cross_entropy(logits, labels, reduction="none") * weight[labels] * items
        return each.sum() / (len(labels) if num_items_in_batch is None else num_items_in_batch)

    return loss


def scores(logits: Floats, targets: Floats) -> dict[str, float]:
    """Macro-F1 over all classes of the taxonomy, and accuracy."""
    predicted = logits.argmax(-1)
    macro = f1_score(targets, predicted, labels=range(logits.shape[-1]), average="macro", zero_division=0)
    return {"macro_f1": round(float(macro), 6), "accuracy": round(float(accuracy_score(targets, predicted)), 6)}


def start_head(model: Any, train: Part, validation: Part, collate: PadTo, settings: Optimisation) -> None:
    """Let the head start as the logistic regression over the backbone's features (LP-FT)."""
    import torch

    vectors = [run_network(model, part.tokens, collate, "features") for part in (train, validation)]
    probe = fit_probe(
        (vectors[0], train.targets),
        (vectors[1], validation.targets),
        model.head.out_features,
        settings.class_weight,
        PROBE_C,
        choose_by="log_loss",
        item_weights=train.weights,
    )
    with torch.no_grad():
        model.head.weight.copy_(torch.from_numpy(probe.weight))
        model.head.bias.copy_(torch.from_numpy(probe.bias))


def parameter_groups(model: Any, settings: Optimisation) -> list[dict[str, Any]]:
    """AdamW's groups: the backbone at learning_rate, the head at its own; no decay on biases and norms."""
    groups: dict[tuple[bool, bool], list[Any]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((name.startswith("head."), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": settings.head_learning_rate if head else settings.learning_rate,
            "weight_decay": settings.weight_decay if decay else 0.0,
        }
        for (head, decay), parameters in groups.items()
    ]


def last_checkpoint(folder: Path, history_file: Path) -> Path | None:
    """The checkpoint to go on from: whole, and of the epoch that the history ends with; else None."""
    if not history_file.is_file():
        return None
    epochs = len(read_json(history_file)["curve"]) - 1
    for checkpoint in folder.glob("checkpoint-*"):
        state = checkpoint / "trainer_state.json"  # the Trainer writes it last
        if state.is_file() and round(read_json(state)["epoch"]) == epochs:
            return checkpoint
    return None


def fine_tune(
    model: Any, train: Part, validation: Part, collate: PadTo, settings: Optimisation, folder: Path
) -> History:
    """Train, and leave the model in the state of its best epoch by validation macro-F1.

    Epoch 0, before the first step, is a candidate as well: where training only harms, the probe is
    kept and the curve shows it.

    Args:
        folder: for checkpoints; a run that was cut goes on from its last whole epoch, with the same
            result as one that was not. Removed at the end.
    """
    import torch
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    torch.manual_seed(settings.seed)
    history = History()
    best_file, history_file = folder / "best.safetensors", folder / "history.json"
    resume = last_checkpoint(folder, history_file)
    if resume is None:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    best: dict[str, torch.Tensor] = {}

    def note(epoch: int, train_loss: float | None) -> None:
        """Score the present state on validation; keep it if it is the best so far."""
        logits = run_network(model, validation.tokens, collate)
        row = {f"validation_{name}": value for name, value in scores(logits, validation.targets).items()}
        chosen = softmax(logits)[np.arange(len(logits)), validation.targets]
        row = {"step": epoch, "validation_loss": round(float(-np.log(chosen + 1e-12).mean()), 6)} | row
        if train_loss is not None:
            row["train_loss"] = round(train_loss, 6)
        if row["validation_macro_f1"] > history.best():
            history.best_epoch = epoch
            best.clear()
            best.update(trained_state(model))
        history.curve.append(row)

    class KeepBest(TrainerCallback):
        """Scores every epoch; in a long run, stores what going on needs beside the Trainer's checkpoint."""

        saved = time.monotonic()

        def on_epoch_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            epoch = round(state.epoch)
            if epoch <= len(history.curve) - 1:
                return
            seen = [entry["loss"] for entry in state.log_history if "loss" in entry]
            steps = max(1, round(state.max_steps / args.num_train_epochs))
            note(epoch, float(np.mean(seen[-steps:])) if seen else None)
            model.train()
            if time.monotonic() - self.saved > checkpoint_seconds() and epoch < args.num_train_epochs:
                self.store()
                control.should_save = True  # the Trainer's part comes last, and makes it count

        def store(self) -> None:
            from safetensors.torch import save_file

            self.saved = time.monotonic()
            with replacing(best_file) as part:
                save_file(best, part)
            write_json({"curve": history.curve, "best_epoch": history.best_epoch}, history_file)

    if resume is not None:
        from safetensors.torch import load_file

        history = History(**read_json(history_file))
        best.update(load_file(best_file))
    else:
        if settings.head_start == "probe":
            start_head(model, train, validation, collate, settings)
        note(0, None)

    classes = model.head.out_features
    on_cuda = next(model.parameters()).is_cuda
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.gradient_accumulation,
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup,
        lr_scheduler_type="linear",
        train_sampling_strategy="group_by_length",
        bf16=settings.precision == "bfloat16",
        use_cpu=not on_cuda,
        seed=settings.seed,
        data_seed=settings.seed,
        full_determinism=False,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="no",  # KeepBest says when
        save_total_limit=1,
        report_to="none",
        disable_tqdm=not interactive(),
        remove_unused_columns=False,
        dataloader_pin_memory=on_cuda,
    )
    # one process, one device: DataParallel would multiply batch and loss; several GPUs go by torchrun
    arguments._n_gpu = min(1, arguments.n_gpu)
    trainer = Trainer(
        model=model,
        args=arguments,
        data_collator=collate,
        train_dataset=train.rows(),
        compute_loss_func=weighted_loss(class_weights(train.targets, classes, settings.class_weight, train.weights)),
        optimizers=(torch.optim.AdamW(parameter_groups(model, settings), fused=True), None),
        callbacks=[KeepBest()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=None if resume is None else str(resume))
    load_trained_state(model, best)
    shutil.rmtree(folder, ignore_errors=True)
    return history
