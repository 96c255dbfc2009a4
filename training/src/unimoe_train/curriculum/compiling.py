"""Fuses what lies between the matrix products, which costs as much as they do. Needs a C++ compiler and Python's
headers; without them everything works, slower.

On a CPU whole layers are not compiled: that takes minutes, a few functions take twenty seconds. A GPU waits for
Python between kernels; there whole layers are worth it.
"""

import shutil
import sysconfig
from pathlib import Path

import torch

from unimoe_train.curriculum import balance
from unimoe_train.model import attention, decoder, experts, heads


def can_compile() -> bool:
    """Whether torch finds the compiler and the headers of Python that it needs for the CPU."""
    headers = Path(sysconfig.get_paths()["include"]) / "Python.h"
    return headers.exists() and any(shutil.which(name) for name in ("g++", "clang++", "c++"))


def compile_functions(device: torch.device) -> None:
    """Replaces functions of the model by compiled ones, for the whole process."""
    torch._dynamo.config.cache_size_limit = 64
    fuse = lambda function: torch.compile(function, dynamic=True)
    decoder.normalised = fuse(decoder.normalised)
    decoder.summed = fuse(decoder.summed)
    decoder.summed_and_normalised = fuse(decoder.summed_and_normalised)
    heads.softmax_gradient = fuse(heads.softmax_gradient)
    if device.type != "cpu":
        decoder.Layer.forward = fuse(decoder.Layer.forward)
        balance.balance_loss = fuse(balance.balance_loss)
        balance.capacity_loss = fuse(balance.capacity_loss)
        return
    attention.masked_softmax = fuse(attention.masked_softmax)
    attention.rotate = fuse(attention.rotate)
    experts.route = fuse(experts.route)
    experts.swiglu = fuse(experts.swiglu)
    experts.weighted_swiglu = fuse(experts.weighted_swiglu)
