"""Fine-tuning with transformers.Trainer: one loop for encoders and for adapted decoders.

The Trainer (and Accelerate below it) brings torchrun, FSDP and mixed precision; here stand the three
things it leaves to us: how the loss is weighted and normalised, where the head starts, and which epoch
is kept. How an interrupted run goes on is in unfinished.py.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.artifacts.curves import CurvePoint
from pipeline.networks.batching import PadTo, Tokens, run_network
from pipeline.networks.classifier import load_trained_state, trained_state
from pipeline.networks.unfinished import UnfinishedRun
from pipeline.runtime import interactive
from pipeline.statistics.class_weight import class_weights
from pipeline.statistics.metrics import macro_f1
from pipeline.statistics.regression import fit_probe

if TYPE_CHECKING:
    from transformers import TrainingArguments

Floats = np.ndarray[Any, Any]
#: candidates for C of the regression that a head starts from
PROBE_C = (0.1, 0.3, 1.0, 3.0, 10.0)


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
    """A point per epoch, from 0, the head's start; and the best one's number."""

    curve: list[CurvePoint] = field(default_factory=list)
    best_epoch: int = 0

    def best(self) -> float:
        """Validation macro-F1 of the epoch that is kept; below any score where there is none yet."""
        return max((point.validation_macro_f1 or 0.0 for point in self.curve), default=-1.0)


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


def scores(logits: Floats, targets: Floats) -> tuple[float, float]:
    """Macro-F1 over all classes of the taxonomy, and accuracy."""
    predicted = logits.argmax(-1)
    return round(macro_f1(targets, predicted, logits.shape[-1]), 6), round(float((predicted == targets).mean()), 6)


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


def trainer_arguments(settings: Optimisation, folder: Path, on_cuda: bool) -> "TrainingArguments":
    """The settings in the Trainer's words."""
    from transformers import TrainingArguments

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
    return arguments


def fine_tune(
    model: Any, train: Part, validation: Part, collate: PadTo, settings: Optimisation, folder: Path
) -> History:
    """Train, and leave the model in the state of its best epoch by validation macro-F1.

    Epoch 0, before the first step, is a candidate as well: where training only harms, the probe is
    kept and the curve shows it.

    Args:
        folder: for checkpoints; a run that was cut goes on from its last whole epoch, with the same
            result as one that was not. Removed at the end.

    Raises:
        UserError: an epoch's logits are not finite.
    """
    import torch
    from scipy.special import softmax
    from transformers import PrinterCallback, Trainer, TrainerCallback

    torch.manual_seed(settings.seed)
    run, history = UnfinishedRun(folder), History()
    best: dict[str, torch.Tensor] = {}

    def note(epoch: int, train_loss: float | None) -> None:
        """Score the present state on validation; keep it if it is the best so far."""
        logits = run_network(model, validation.tokens, collate)
        chosen = softmax(logits.astype(np.float64), axis=-1)[np.arange(len(logits)), validation.targets]
        macro, accuracy = scores(logits, validation.targets)
        loss = None if train_loss is None else round(train_loss, 6)
        point = CurvePoint(epoch, loss, round(float(-np.log(chosen + 1e-12).mean()), 6), macro, accuracy)
        if macro > history.best():
            history.best_epoch = epoch
            best.clear()
            best.update(trained_state(model))
        history.curve.append(point)

    class KeepBest(TrainerCallback):
        """Scores every epoch, and in a long run asks for a checkpoint."""

        def on_epoch_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            epoch = round(state.epoch)
            if epoch <= len(history.curve) - 1:
                return
            seen = [entry["loss"] for entry in state.log_history if "loss" in entry]
            steps = max(1, round(state.max_steps / args.num_train_epochs))
            note(epoch, float(np.mean(seen[-steps:])) if seen else None)
            model.train()
            if run.due() and epoch < args.num_train_epochs:
                run.store(best, asdict(history))
                control.should_save = True

    if run.checkpoint is not None:
        stored, so_far = run.read()
        best.update(stored)
        history = History([CurvePoint(**point) for point in so_far["curve"]], so_far["best_epoch"])
    else:
        if settings.head_start == "probe":
            start_head(model, train, validation, collate, settings)
        note(0, None)

    classes = model.head.out_features
    trainer = Trainer(
        model=model,
        args=trainer_arguments(settings, folder, next(model.parameters()).is_cuda),
        data_collator=collate,
        train_dataset=train.rows(),
        compute_loss_func=weighted_loss(class_weights(train.targets, classes, settings.class_weight, train.weights)),
        optimizers=(torch.optim.AdamW(parameter_groups(model, settings), fused=True), None),
        callbacks=[KeepBest()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=None if run.checkpoint is None else str(run.checkpoint))
    load_trained_state(model, best)
    run.remove()
    return history
