"""Takes the codec of a checkpoint as the start of a training: same codes, and encoder and decoder go on learning."""

import json
from pathlib import Path

import torch

from unimoe_train.codec import checkpoint
from unimoe_train.codec.encoder import FEATURES
from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.errors import BadInput
from unimoe_train.state import State, replacing


def take(folder: Path, state: State) -> None:
    """Writes quantiser.pt, encoder.pt and decoder.pt of the codec directory `folder`. Nothing that is there is replaced.

    Throws `BadInput` for a codec that was not fitted to the features, which therefore cannot encode them.
    """
    for name in ("quantiser.pt", "encoder.pt", "decoder.pt"):
        if state.has(name):
            raise BadInput(state.path(name), expected="no codec yet, where one is to be taken over", found="this one")
    dac = checkpoint.load(folder)
    quantiser_of(folder, dac.state_dict(), dac.configuration.n_codebooks).save(state.path("quantiser.pt"))
    width = {"encoder": dac.configuration.encoder_dim, "decoder": dac.configuration.decoder_dim}
    networks = {name: getattr(dac, name).state_dict() for name in width}
    save(state.path("encoder.pt"), width["encoder"], encoder=networks["encoder"], raw=networks["encoder"])
    save(state.path("decoder.pt"), width["decoder"], ema=networks["decoder"], decoder=networks["decoder"])


def quantiser_of(folder: Path, tensors: dict[str, torch.Tensor], codebooks: int) -> Quantiser:
    """The quantiser in the features' dimensions of the latents; features.json tells how they were scaled."""
    path = folder / checkpoint.FEATURES_FILE
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        mean, deviation = torch.tensor(table["mean"]), torch.tensor(table["deviation"])
    except OSError as error:
        raise BadInput(path, f"cannot be read, so that sound cannot be encoded as before: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(path, f"is not what a codec's export writes: {error}") from None
    if mean.shape != (FEATURES,):
        raise BadInput(f"{path}: mean", expected=f"{FEATURES} numbers", found=list(mean.shape))
    stages = []
    for index in range(codebooks):
        of = {name.removeprefix(start): value for start in [f"quantizer.quantizers.{index}."]
              for name, value in tensors.items() if name.startswith(start)}
        stages.append({
            "in": of["in_proj.weight"][:, :FEATURES, 0], "in_bias": of["in_proj.bias"],
            "codebook": of["codebook.weight"], "out": of["out_proj.weight"][:FEATURES, :, 0],
            "out_bias": of["out_proj.bias"][:FEATURES]})
    return Quantiser([{name: value.clone().float() for name, value in stage.items()} for stage in stages], mean, deviation)


def save(path: Path, width: int, **weights: dict[str, torch.Tensor]) -> None:
    """A network that was not trained here yet."""
    with replacing(path) as temporary:
        torch.save({**weights, "width": width, "step": 0, "seconds": 0.0}, temporary)
