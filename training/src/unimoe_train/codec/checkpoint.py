"""The codec as a checkpoint directory: config.json and model.safetensors with the published names and weight-norm pairs."""

from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from unimoe_train import torch_file
from unimoe_train.codec import analysis
from unimoe_train.codec.dac import DAC, DACConfiguration
from unimoe_train.codec.decoder import best_weights
from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.errors import BadInput
from unimoe_train.state import State, read_json, replacing, write_json

FEATURES_FILE = "features.json"  # how the features were scaled: encoding more sound for a training takes it


def with_weight_norm(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Kernels [first, ...] -> pairs weight_g [first, 1, 1], their norms, and weight_v; a zero row gets any direction."""
    pairs = {}
    for name, value in tensors.items():
        if name.endswith(".weight") and value.dim() == 3:
            norm = value.flatten(1).norm(dim=1)[:, None, None]
            pairs[f"{name}_g"] = norm
            pairs[f"{name}_v"] = torch.where(norm > 0, value, torch.ones_like(value))
        else:
            pairs[name] = value
    return pairs


def without_weight_norm(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Pairs weight_g, weight_v -> kernels: g v / ||v||, the norm over all dimensions but the first."""
    folded = {}
    for name, value in tensors.items():
        if name.endswith(".weight_v"):
            norm = value.flatten(1).norm(dim=1)[:, None, None]
            folded[name.removesuffix("_v")] = tensors[f"{name.removesuffix('_v')}_g"] * value / norm
        elif not name.endswith(".weight_g"):
            folded[name] = value
    return folded


def load(folder: Path) -> DAC:
    """A codec from its directory, in inference mode. Throws `BadInput` for a directory that holds none."""
    path = folder / "config.json"
    table = read_json(path)
    if not isinstance(table, dict) or "n_codebooks" not in table:
        raise BadInput(f"{path}: n_codebooks", expected="a codec's configuration", found="another file")
    known = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in table.items()
        if name in DACConfiguration.__dataclass_fields__
    }
    weights = folder / "model.safetensors"
    try:
        dac = DAC(DACConfiguration(**known))
        dac.load_state_dict(without_weight_norm(load_file(weights)))
    except (OSError, SafetensorError) as error:
        raise BadInput(weights, f"cannot be read: {error}") from None
    except (TypeError, ValueError, KeyError, RuntimeError):
        raise BadInput(
            weights, expected=f"the tensors of the codec that {path.name} tells of", found="others"
        ) from None
    return dac.eval()


def assemble(state: State, codebooks: int) -> tuple[DACConfiguration, dict[str, torch.Tensor]]:
    """The fitted parts as one DAC of so many codebooks: its sizes and its tensors without weight normalisation.

    Without a trained encoder the features themselves encode (`analysis`).
    """
    quantiser = Quantiser.load(state.path("quantiser.pt"))
    encoder = {"width": 1, "encoder": analysis.tensors_of(quantiser)}
    if state.has("encoder.pt"):
        encoder = torch_file.read(state.path("encoder.pt"), "encoder", "width")
    decoder, decoder_width = best_weights(state)
    if codebooks > quantiser.codebooks:
        raise BadInput(
            state.path("quantiser.pt"), expected=f"at least {codebooks} codebooks", found=quantiser.codebooks
        )
    rates = decoder_rates(decoder)
    configuration = DACConfiguration(
        encoder_dim=encoder["width"],
        encoder_rates=rates[::-1],
        decoder_dim=decoder_width,
        decoder_rates=rates,
        n_codebooks=codebooks,
        sample_rate=quantiser.layout.rate,
        analysis=() if state.has("encoder.pt") else tuple(map(asdict, analysis.spectra_of(quantiser.layout)[0])),
    )
    width = decoder["model.0.weight"].shape[1]
    if width != configuration.latent_dim:
        raise BadInput(
            state.path("encoder.pt"),
            expected=f"an encoder whose latents are as wide as the decoder's, {width}",
            found=configuration.latent_dim,
        )
    tensors = {f"encoder.{name}": value for name, value in encoder["encoder"].items()}
    tensors |= {f"decoder.{name}": value for name, value in decoder.items()}
    for index, stage in enumerate(quantiser.stages[:codebooks]):
        tensors |= quantizer_tensors(f"quantizer.quantizers.{index}", stage, configuration.latent_dim)
    return configuration, tensors


def decoder_rates(tensors: dict[str, torch.Tensor]) -> tuple[int, ...]:
    """The strides of a decoder's upsampling convolutions, whose kernels are twice as long."""
    rates, block = [], 1
    while (weight := tensors.get(f"model.{block}.block.1.weight")) is not None:
        rates.append(weight.shape[-1] // 2)
        block += 1
    return tuple(rates)


def quantizer_tensors(name: str, stage: dict[str, torch.Tensor], latent: int) -> dict[str, torch.Tensor]:
    """A fitted stage as DAC's projections; latents beyond the features are neither read nor written."""
    rest = latent - stage["in"].shape[1]
    if rest < 0:
        raise BadInput("codec.encoder_width", expected=f"latents of at least {stage['in'].shape[1]}", found=latent)
    return {
        f"{name}.in_proj.weight": F.pad(stage["in"], (0, rest))[:, :, None],
        f"{name}.in_proj.bias": stage["in_bias"],
        f"{name}.out_proj.weight": F.pad(stage["out"], (0, 0, 0, rest))[:, :, None],
        f"{name}.out_proj.bias": F.pad(stage["out_bias"], (0, rest)),
        f"{name}.codebook.weight": stage["codebook"],
    }


def write(state: State, folder: Path, codebooks: int, dtype: torch.dtype = torch.float32) -> DACConfiguration:
    """Writes the codec's directory; quantiser and weights are rounded to `dtype`."""
    configuration, tensors = assemble(state, codebooks)
    folder.mkdir(parents=True, exist_ok=True)
    pairs = {name: value.detach().to(dtype).clone().contiguous() for name, value in with_weight_norm(tensors).items()}
    with replacing(folder / "model.safetensors") as path:
        save_file(pairs, path, metadata={"format": "pt"})
        path.chmod(0o644)
    table = {
        "sample_rate": configuration.sample_rate,
        **asdict(configuration),
        "latent_dim": configuration.latent_dim,
        "hop_length": configuration.hop_length,
    }
    if not configuration.analysis:
        del table["analysis"]
    write_json(folder / "config.json", table)
    quantiser = Quantiser.load(state.path("quantiser.pt"))
    scale = {"mean": quantiser.mean.tolist(), "deviation": float(quantiser.deviation)}
    write_json(folder / FEATURES_FILE, scale)
    return configuration
