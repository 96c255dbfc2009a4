"""Fuses what lies between the matrix products, which on a CPU costs as much as they do. Needs a C++ compiler.

Whole layers are not compiled: that takes minutes, a few functions take twenty seconds.
"""

import shutil

import torch

from unimoe_train.model import attention, decoder, experts, heads


def can_compile() -> bool:
    """Whether torch finds the compiler that it needs for the CPU."""
    return torch.cuda.is_available() or any(shutil.which(name) for name in ("g++", "clang++", "c++"))


def compile_functions() -> None:
    """Replaces the elementwise functions of the model by compiled ones, for the whole process."""
    torch._dynamo.config.cache_size_limit = 64
    fuse = lambda function: torch.compile(function, dynamic=True)
    attention.attend = fuse(attention.attend)
    attention.rotate = fuse(attention.rotate)
    decoder.normalised = fuse(decoder.normalised)
    experts.swiglu = fuse(experts.swiglu)
    experts.weighted_swiglu = fuse(experts.weighted_swiglu)
    heads.softmax_gradient = fuse(heads.softmax_gradient)
