"""Takes the codec of a checkpoint as the start of a training: same codes, and encoder and decoder go on learning."""

import json
from pathlib import Path

import torch

from unimoe_train import torch_file
from unimoe_train.codec import checkpoint
from unimoe_train.codec.dac import DAC
from unimoe_train.codec.features import Layout
from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.errors import BadInput
from unimoe_train.state import State


def take(folder: Path, state: State) -> None:
    """Writes what is missing of quantiser.pt, encoder.pt and decoder.pt, as the codec directory `folder` has them.

    Throws `BadInput` for a codec that was not fitted to the features, which therefore cannot encode them, and where the
    state folder has a codec of other codes already.
    """
    dac = checkpoint.load(folder)
    if dac.configuration.sample_rate != state.sample_rate:
        raise BadInput(
            folder,
            expected=f"a codec of {state.sample_rate} Hz, as the state folder's sound has",
            found=f"{dac.configuration.sample_rate} Hz",
        )
    quantiser, path = quantiser_of(folder, dac), state.path("quantiser.pt")
    if not path.exists():
        quantiser.save(path)
    elif not has_codes_of(Quantiser.load(path), quantiser):
        raise BadInput(path, expected=f"the codes of {folder}, or nothing yet", found="others")
    for name, width, weights in (
        ("encoder", dac.configuration.encoder_dim, ("encoder", "raw")),
        ("decoder", dac.configuration.decoder_dim, ("decoder", "ema")),
    ):
        if not state.has(f"{name}.pt") and not (name == "encoder" and dac.configuration.analysis):
            network = getattr(dac, name).state_dict()
            save(state.path(f"{name}.pt"), width, **dict.fromkeys(weights, network))


def has_codes_of(one: Quantiser, other: Quantiser) -> bool:
    """Whether both have the same codebooks, as far as both have them: a model may use the first ones only."""
    return all(a == b for a, b in zip(one.digests, other.digests))


def quantiser_of(folder: Path, dac: DAC) -> Quantiser:
    """The quantiser in the features' dimensions of the latents; features.json tells how they were scaled."""
    path, tensors, rate = folder / checkpoint.FEATURES_FILE, dac.state_dict(), dac.configuration.sample_rate
    size = Layout.of(rate).size
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        mean, deviation = torch.tensor(table["mean"]), torch.tensor(table["deviation"])
    except OSError as error:
        raise BadInput(path, f"cannot be read, so that sound cannot be encoded as before: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(path, f"is not what a codec's export writes: {error}") from None
    if mean.shape != (size,):
        raise BadInput(f"{path}: mean", expected=f"{size} numbers", found=list(mean.shape))
    stages = []
    for index in range(dac.configuration.n_codebooks):
        start = f"quantizer.quantizers.{index}."
        of = {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}
        stage = {
            "in": of["in_proj.weight"][:, :size, 0],
            "in_bias": of["in_proj.bias"],
            "codebook": of["codebook.weight"],
            "out": of["out_proj.weight"][:size, :, 0],
            "out_bias": of["out_proj.bias"][:size],
        }
        stages.append({name: value.clone().float() for name, value in stage.items()})
    return Quantiser(stages, mean, deviation, rate)


def save(path: Path, width: int, **weights: dict[str, torch.Tensor]) -> None:
    """A network that was not trained here yet."""
    torch_file.write(path, {**weights, "width": width, "step": 0, "seconds": 0.0})
