"""The descript-audio-codec in eager PyTorch, weight norm folded at load, from the engine's files."""

import json
import math
import os

import torch
import torch.nn.functional as F
from safetensors.torch import load_file


class Codec:
    """Encodes mono PCM to codes and back."""

    def __init__(self, directory, dtype=torch.float32):
        with open(os.path.join(directory, "config.json"), encoding="utf-8") as file:
            self.config = json.load(file)
        self.dtype = dtype
        self.weights = fold(load_file(os.path.join(directory, "model.safetensors")), dtype)
        self.hop = math.prod(self.config["encoder_rates"])
        books = range(self.config["n_codebooks"])
        self.codebooks = [self.weights[f"quantizer.quantizers.{q}.codebook.weight"] for q in books]
        self.directions = [F.normalize(book) for book in self.codebooks]

    def convolve(self, x, name, **how):
        return F.conv1d(x, self.weights[name + ".weight"], self.weights[name + ".bias"], **how)

    def snake(self, x, name):
        alpha = self.weights[name + ".alpha"]
        return torch.sin(alpha * x).square_().mul_(self.weights[name + ".inverse"]).add_(x)

    def residual(self, x, name, dilation):
        y = self.convolve(self.snake(x, f"{name}.0"), f"{name}.1", padding=3 * dilation, dilation=dilation)
        return x + self.convolve(self.snake(y, f"{name}.2"), f"{name}.3")

    @torch.inference_mode()
    def encode(self, signal):
        """signal [samples] -> codes [codebooks, codeFrames]."""
        x = F.pad(signal, (0, -len(signal) % self.hop))[None, None].to(self.dtype)
        x = self.convolve(x, "encoder.block.0", padding=3)
        rates = self.config["encoder_rates"]
        for index, rate in enumerate(rates):
            name = f"encoder.block.{index + 1}.block"
            for unit, dilation in enumerate((1, 3, 9)):
                x = self.residual(x, f"{name}.{unit}.block", dilation)
            x = self.convolve(self.snake(x, f"{name}.3"), f"{name}.4", stride=rate, padding=math.ceil(rate / 2))
        x = self.snake(x, f"encoder.block.{len(rates) + 1}")
        x = self.convolve(x, f"encoder.block.{len(rates) + 2}", padding=1)
        return self.quantize(x)

    def quantize(self, residual):
        codes = []
        for q, book in enumerate(self.codebooks):
            name = f"quantizer.quantizers.{q}"
            direction = F.normalize(self.convolve(residual, name + ".in_proj")[0].T)
            code = (direction @ self.directions[q].T).argmax(-1)
            residual = residual - self.convolve(book[code].T[None], name + ".out_proj")
            codes.append(code)
        return torch.stack(codes)

    @torch.inference_mode()
    def decode(self, codes):
        """codes [codebooks, codeFrames] -> signal [samples]."""
        x = sum(
            self.convolve(book[codes[q]].T[None], f"quantizer.quantizers.{q}.out_proj")
            for q, book in enumerate(self.codebooks)
        )
        x = self.convolve(x, "decoder.model.0", padding=3)
        rates = self.config["decoder_rates"]
        for index, rate in enumerate(rates):
            name = f"decoder.model.{index + 1}.block"
            x = F.conv_transpose1d(
                self.snake(x, f"{name}.0"),
                self.weights[f"{name}.1.weight"],
                self.weights[f"{name}.1.bias"],
                stride=rate,
                padding=math.ceil(rate / 2),
            )
            for unit, dilation in enumerate((1, 3, 9)):
                x = self.residual(x, f"{name}.{unit + 2}.block", dilation)
        x = self.snake(x, f"decoder.model.{len(rates) + 1}")
        return torch.tanh(self.convolve(x, f"decoder.model.{len(rates) + 2}", padding=3))[0, 0].float()


def fold(tensors, dtype):
    """weight_g and weight_v become weight; every snake gets the inverse that it multiplies with."""
    folded = {}
    for name, tensor in tensors.items():
        if name.endswith("weight_v"):
            norm = tensor.pow(2).sum(dim=tuple(range(1, tensor.dim())), keepdim=True).sqrt()
            folded[name[:-2]] = (tensors[name[:-1] + "g"] * tensor / norm).to(dtype)
        elif not name.endswith("weight_g"):
            folded[name] = tensor.to(dtype)
        if name.endswith("alpha"):
            folded[name[:-5] + "inverse"] = (1 / (tensor + 1e-9)).to(dtype)
    return folded
