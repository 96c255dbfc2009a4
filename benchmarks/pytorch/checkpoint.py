"""Reads the checkpoint files that the engine reads: config.json and safetensors, single or sharded."""

import json
import os
from dataclasses import dataclass

from safetensors import safe_open


@dataclass(frozen=True)
class Config:
    """The decoder's sizes, under the engine's names."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    rope_theta: float
    epsilon: float
    vocabulary: int
    routed: int
    null: int
    shared: int
    routed_width: int
    shared_width: int
    top_p: float
    top_k: int
    jitter: float
    codebooks: int
    code_vocabulary: int
    eos: int
    placeholder: int

    @property
    def head_dimension(self):
        return self.hidden // self.heads

    @property
    def dynamic(self):
        """Experts that compete: routed and null ones."""
        return self.routed + self.null

    @staticmethod
    def read(directory):
        with open(os.path.join(directory, "config.json"), encoding="utf-8") as file:
            outer = json.load(file)
        text = outer["text_config"]
        return Config(
            hidden=text["hidden_size"],
            layers=text["num_hidden_layers"],
            heads=text["num_attention_heads"],
            kv_heads=text["num_key_value_heads"],
            rope_theta=text["rope_theta"],
            epsilon=text["rms_norm_eps"],
            vocabulary=text["vocab_size"],
            routed=text["mlp_dynamic_expert_num"],
            null=text["mlp_dynamic_null_expert_num"],
            shared=text["mlp_fixed_expert_num"],
            routed_width=text["dynamic_intermediate_size"],
            shared_width=text["shared_intermediate_size"],
            top_p=text["mlp_dynamic_top_p"],
            top_k=int(text["mlp_dynamic_top_k"]),
            jitter=text["router_jitter_noise"],
            codebooks=outer["codec_channels"],
            code_vocabulary=outer["codec_vocab_size"],
            eos=outer["codec_eos_value"],
            placeholder=outer["codec_placeholder_value"],
        )


def read_tensors(directory):
    """All tensors but the unused ones, mapped, named with the prefix `model.`."""
    index = os.path.join(directory, "model.safetensors.index.json")
    if os.path.exists(index):
        with open(index, encoding="utf-8") as file:
            files = sorted(set(json.load(file)["weight_map"].values()))
    else:
        files = ["model.safetensors"]
    tensors = {}
    for name in files:
        with safe_open(os.path.join(directory, name), framework="pt") as shard:
            for key in shard.keys():
                if not key.startswith(("lm_head.", "visual.")):
                    common = "model." + key[len("language_model.") :] if key.startswith("language_model.") else key
                    tensors[common] = shard.get_tensor(key)
    return tensors
