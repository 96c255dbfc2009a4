"""A running average of a network's weights, which sounds better than the last ones."""

import torch
from torch import nn


class Averaged:
    def __init__(self, network: nn.Module, saved: dict[str, torch.Tensor] | None = None):
        """Starts at the network's weights, or goes on from a saved state dict."""
        self.network = network
        self.names = [name for name, _ in network.named_parameters()]
        if saved is None:
            self.values = [value.detach().clone() for value in network.parameters()]
        else:
            self.values = [saved[name].to(value.device) for name, value in network.named_parameters()]

    @torch.no_grad()
    def update(self, weight: float) -> None:
        """Moves the average towards the network by `weight`."""
        torch._foreach_lerp_(self.values, list(self.network.parameters()), weight)

    def state_dict(self) -> dict[str, torch.Tensor]:
        """The network's state dict with averaged weights."""
        return {**self.network.state_dict(), **dict(zip(self.names, self.values))}
