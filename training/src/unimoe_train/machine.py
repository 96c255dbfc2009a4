"""How a process uses the machine it trains on."""

import ctypes
import ctypes.util
import functools
import time

import torch

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of glibc's malloc.h


def compute_device() -> torch.device:
    """The first CUDA device, or the CPU where there is none."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def multiplies_bf16_fast(device: torch.device) -> bool:
    """Whether products of bfloat16 are faster than those of float32.

    A CPU without instructions of its own for them emulates them, ten times slower. One that has them is asked by
    measuring: an AMD EPYC with AVX-512 multiplies them at twice the speed of float32, an Intel Xeon with AVX-512 but
    without AMX at 0.57 of it.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    has_instructions = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return has_instructions and torch.ops.mkldnn._is_mkldnn_bf16_supported() and measured_faster_in_bf16()


@functools.cache
def measured_faster_in_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 faster than float32: measured once in a process, a tenth of a second."""
    return product_seconds(torch.bfloat16) < product_seconds(torch.float32)


def product_seconds(dtype: torch.dtype) -> float:
    """Seconds of one product of the size that a training step has: the shortest of several."""
    rows, columns = torch.ones(2048, 256, dtype=dtype), torch.ones(256, 256, dtype=dtype)

    def once() -> float:
        start = time.perf_counter()
        torch.mm(rows, columns)
        return time.perf_counter() - start

    return min(once() for _ in range(16))


def precision(device: torch.device) -> torch.dtype | None:
    """The type in which this machine multiplies fastest; `None`: float32."""
    return torch.bfloat16 if multiplies_bf16_fast(device) else None


def products() -> str:
    """In words: what multiplies matrices here, and in which precision."""
    device = compute_device()
    kind = torch.cuda.get_device_name() if device.type == "cuda" else instructions()
    return f"{kind}, {'bfloat16' if multiplies_bf16_fast(device) else 'float32'}"


def instructions() -> str:
    """The widest of this CPU's instructions for products."""
    kinds = (
        ("AMX", torch.cpu._is_amx_tile_supported),
        ("AVX-512 with bf16", torch.cpu._is_avx512_bf16_supported),
        ("AVX-512", torch.cpu._is_avx512_supported),
        ("AVX2", torch.cpu._is_avx2_supported),
    )
    return next((name for name, is_there in kinds if is_there()), "no vector instructions")


def settle(threads: int, seed: int = 0) -> None:
    """Sets the number of compute threads, seeds torch, flushes denormals and keeps freed memory in the process.

    The last makes a step a third faster on a CPU: glibc would return every large tensor to the kernel and fault it in
    again. Two processes of two threads each on two cores starve each other; give one thread to each.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    torch.set_flush_denormal(True)
    if torch.cuda.is_available():
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.benchmark = True
    library = ctypes.util.find_library("c")
    if library and hasattr(libc := ctypes.CDLL(library), "mallopt"):
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
