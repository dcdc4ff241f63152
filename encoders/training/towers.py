"""Contrastive training of CLIP and SigLIP towers by LoRA, through torch and peft; exported merged."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from encoders import registry
from encoders.base import Picture
from encoders.errors import EncoderUnfit
from encoders.hub import load as hub
from encoders.hub import towers
from encoders.hub.runtime import to_numpy
from encoders.hub.towers import DualTowerEncoder
from encoders.pictures.decoding import decode
from encoders.runtime import manifest
from encoders.runtime.optional import require
from encoders.runtime.rows import unit_rows
from encoders.spec import EncoderSpec
from encoders.training import contrastive, frozen
from encoders.training.export import CARD, seal, table_rows
from encoders.training.network import EXTRA
from encoders.training.pairs import PicturePair
from encoders.training.projection import Linked, average_precision
from encoders.training.towersettings import TowerSettings

# Attention and feed-forward of every layer of both towers; SigLIP's pooling head has an attention of
# another make, which stays as it is.
_TARGETS = r".*(self_attn\.(q_proj|k_proj|v_proj|out_proj)|mlp\.fc[12])"


class TowerRun(NamedTuple):
    """A base model, loaded to be trained: its spec, its folder, and the encoder."""

    spec: EncoderSpec
    folder: Path
    encoder: DualTowerEncoder


class TrainedTowers(NamedTuple):
    """Result of a run: the model of the library with the additions merged in.

    `passes` are in it, 0 where the untrained model was best on the held-out pairs.
    """

    model: Any
    weights: int
    steps: int
    passes: int


def start(settings: TowerSettings, models_path: Path, threads: int | None) -> TowerRun:
    """Load the base model in float32.

    Raises:
        EncoderUnfit: If it is no CLIP or SigLIP model.
        EncoderError: If it is not here, or a package of the extra `train` is absent.
    """
    require("peft", EXTRA)
    spec = registry.spec(settings.base, models_path)
    if spec.family != "dual-tower":
        raise EncoderUnfit(
            f"{spec.name} has no towers to train.",
            "set base to a pulled CLIP or SigLIP model: seogo models list",
        )
    folder = hub.checked_folder(spec.source, spec.revision, models_path)
    choice = hub.choose(folder, spec.name, spec.dim, spec.max_tokens, threads=threads)
    choice = msgspec.structs.replace(choice, dtype="float32")
    return TowerRun(spec, folder, towers.load(spec, folder, choice))


def vectors(run: TowerRun, pairs: Sequence[PicturePair], load: frozen.Load) -> Linked:
    """Encode pairs as the model is now."""
    looked = frozen.look_at(list(dict.fromkeys(p.picture for p in pairs)), load, run.encoder)
    return frozen.link(
        pairs, frozen.encode_texts([p.text for p in pairs], run.encoder), looked.vectors
    )


def fit(
    settings: TowerSettings,
    run: TowerRun,
    learned: Sequence[PicturePair],
    valid: Sequence[PicturePair],
    load: frozen.Load,
    on_step: Callable[[int, int, float], None] = lambda _step, _of, _loss: None,
) -> TrainedTowers:
    """Train, keep what is best on the held-out pairs, and merge it into a plain model.

    Args:
        settings: how.
        run: the loaded base; it is changed.
        learned: pairs to learn from; their pictures can be read.
        valid: pairs to choose by, of other items; without any the last pass is kept.
        load: reads the bytes of a picture.
        on_step: told each step, of how many, and its loss.
    """
    torch, peft = require("torch", EXTRA), require("peft", EXTRA)
    torch.manual_seed(settings.seed)
    model = peft.get_peft_model(run.encoder.model, _lora(peft, settings))
    trained = [p for p in model.parameters() if p.requires_grad]
    steps = _Steps(torch, settings, run.encoder, trained, learned, load)
    best, kept, passes = _measure(run, valid, load), _copied(trained), 0
    for epoch in range(1, settings.epochs + 1):
        model.train()
        for lost in steps.passed():
            on_step(steps.done, steps.of, lost)
        model.eval()
        reached = _measure(run, valid, load)
        if reached > best or not valid:
            best, kept, passes = reached, _copied(trained), epoch
        elif settings.patience and epoch - passes >= settings.patience:
            break
    with torch.no_grad():
        for parameter, value in zip(trained, kept, strict=True):
            parameter.copy_(value)
    weights = sum(p.numel() for p in trained)
    return TrainedTowers(model.merge_and_unload(), weights, steps.done, passes)


def export(run: TowerRun, trained: TrainedTowers, folder: Path, about: Mapping[str, str]) -> None:
    """Write the merged model beside copies of the base's other files; no pickle."""
    folder.mkdir(parents=True)
    left_out = {manifest.MANIFEST, CARD, "model.safetensors.index.json"}
    for path in run.folder.iterdir():
        if (
            path.is_file()
            and path.name not in left_out
            and path.suffix in (".json", ".txt", ".model")
        ):
            shutil.copyfile(path, folder / path.name)
    trained.model.to("cpu").save_pretrained(folder)
    card = f"# {run.spec.name}, trained further\n\n| | |\n|---|---|\n{table_rows(about)}\n"
    (folder / CARD).write_text(card, encoding="utf-8")
    seal(folder)


def _lora(peft: Any, settings: TowerSettings) -> Any:
    return peft.LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules=_TARGETS,
    )


class _Steps:
    """Steps of the optimiser over the pairs to learn from; `done` of at most `of`."""

    def __init__(
        self,
        torch: Any,
        settings: TowerSettings,
        encoder: DualTowerEncoder,
        trained: Sequence[Any],
        learned: Sequence[PicturePair],
        load: frozen.Load,
    ) -> None:
        self._torch, self._settings, self._encoder, self._load = torch, settings, encoder, load
        self._rng = np.random.default_rng(settings.seed)
        self._texts: dict[str, list[str]] = {}
        for pair in learned:
            self._texts.setdefault(pair.picture, []).append(pair.text)
        self.done = 0
        self.of = -(-len(self._texts) // settings.batch) * settings.epochs
        self._optimiser = torch.optim.AdamW(
            trained, lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self._falling = torch.optim.lr_scheduler.LambdaLR(
            self._optimiser, lambda at: 1 - at / (self.of + 1)
        )

    def passed(self) -> Iterator[float]:
        """Take the steps of one pass over the pictures; the loss of each."""
        for batch in self._batches():
            lost = self._gradients(batch)
            self._optimiser.step()
            self._falling.step()
            self._optimiser.zero_grad()
            self.done += 1
            yield lost

    def _batches(self) -> list[list[str]]:
        names, size = list(self._texts), self._settings.batch
        order = [names[at] for at in self._rng.permutation(len(names))]
        found = [order[start : start + size] for start in range(0, len(order), size)]
        # One picture alone has no negative.
        return found if len(found[-1]) > 1 or len(found) == 1 else found[:-1]

    def _gradients(self, batch: Sequence[str]) -> float:
        """Add the gradients of one batch; returns its loss."""
        images: list[Picture] = [decode(self._load(name)) for name in batch]
        said = list(dict.fromkeys(str(self._rng.choice(self._texts[name])) for name in batch))
        positive = np.array([[text in self._texts[name] for text in said] for name in batch])
        shown, asked = self._encoder.picture_tensor(images), self._encoder.text_tensor(said)
        raw = [to_numpy(tensor.detach()) for tensor in (shown, asked)]
        units = [unit_rows(rows) for rows in raw]
        lost, *gradients = contrastive.loss(
            units[0], units[1], positive, self._settings.temperature
        )
        back = [
            self._torch.from_numpy(contrastive.through_length(*rows).astype(np.float32))
            for rows in zip(gradients, units, raw, strict=True)
        ]
        along = [gradient.to(shown.device, shown.dtype) for gradient in back]
        self._torch.autograd.backward([shown, asked], along)
        return lost


def _measure(run: TowerRun, valid: Sequence[PicturePair], load: frozen.Load) -> float:
    if not valid:
        return 0.0
    return float(average_precision(vectors(run, valid, load)).mean())


def _copied(parameters: Sequence[Any]) -> list[Any]:
    return [parameter.detach().clone() for parameter in parameters]
