"""Many processes: `torchrun` starts them, each takes its own batches, and their gradients are averaged.

    torchrun --nproc-per-node 8 -m unimoe_train joint --recipe large --sharding fsdp

`ddp` keeps the whole model in every process; `fsdp` gives each a part of every layer, for models that fit no single
device. One process without torchrun needs neither.
"""

import os
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.nn.parallel import DistributedDataParallel

from unimoe_train.errors import BadInput


@dataclass
class Processes:
    """This process among all, and the device that it computes on."""

    rank: int = 0
    world: int = 1
    device: torch.device = torch.device("cpu")
    sharding: str = "none"  # none, ddp or fsdp

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    @property
    def loss_share(self) -> float:
        """What each process multiplies its loss by, so that gradients are averaged: torch's reduce-scatter averages
        over NCCL, but over gloo it sums."""
        return 1 / self.world if self.sharding == "fsdp" and self.device.type == "cpu" else 1.0

    @staticmethod
    def join(sharding: str) -> "Processes":
        """Meets the other processes that torchrun started; alone if there are none."""
        cuda = torch.cuda.is_available()
        if "RANK" not in os.environ:
            if sharding == "fsdp":
                raise BadInput("--sharding", expected="torchrun to start the processes for fsdp", found="one process")
            return Processes(device=torch.device("cuda" if cuda else "cpu"))
        rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        if cuda:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        if not dist.is_initialized():
            dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo")
        device = torch.device("cuda", torch.cuda.current_device()) if cuda else torch.device("cpu")
        return Processes(rank, world, device, "ddp" if sharding == "none" else sharding)

    def shard(self, objective: nn.Module, dtype: torch.dtype | None) -> None:
        """Before the optimizer is made: spreads the parameters over the processes (fsdp only).

        Parameters stay float32; layers compute and gradients travel as `dtype` says.
        """
        if self.sharding != "fsdp":
            return
        mesh = init_device_mesh(self.device.type, (self.world,))
        policy = MixedPrecisionPolicy(param_dtype=None, reduce_dtype=torch.float32)
        for layer in objective.model.layers:
            fully_shard(layer, mesh=mesh, mp_policy=policy)
        fully_shard(objective, mesh=mesh, mp_policy=policy)

    def wrap(self, objective: nn.Module) -> nn.Module:
        """What is called instead of the objective, so that gradients are averaged."""
        if self.sharding != "ddp":
            return objective
        return DistributedDataParallel(objective, broadcast_buffers=False)

    def agree(self, *numbers: float) -> list[float]:
        """The largest of each number over all processes: one that is asked to stop stops all."""
        if self.world == 1:
            return list(numbers)
        shared = torch.tensor(numbers, dtype=torch.float64)
        dist.all_reduce(shared, dist.ReduceOp.MAX)
        return shared.tolist()

    def wait(self) -> None:
        if self.world > 1:
            dist.barrier()
