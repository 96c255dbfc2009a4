"""Sizes and special values of a language model, read from a recipe or from a published `config.json`."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from unimoe_train.errors import BadInput
from unimoe_train.plan.channels import Plan, PlanChannel, standard
from unimoe_train.plan.instruments import INSTRUMENTS
from unimoe_train.plan.phonemes import PHONEMES
from unimoe_train.recipe import ModelRecipe


@dataclass
class ModelConfiguration:
    vocabulary: int  # rows of the token embedding
    placeholder: int  # the token whose positions take code frames
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    experts: int  # routed experts per layer
    null_experts: int
    shared_experts: int
    routed_width: int
    shared_width: int
    codebooks: int
    delay: list[int] = field(default_factory=list)  # rows by which each codebook lags
    top_p: float = 0.7  # routed and null experts are taken until their probabilities reach this sum
    top_k: int = 0  # how many are taken where top_p is 0
    jitter: float = 0.01  # half of the sparse mixer's threshold of relative distance
    input_jitter: float = 0.01  # training only: the router's input is scaled by 1 - this ... 1 + this
    code_vocabulary: int = 1027
    eos: int = 1024
    pad: int = 1025
    bos: int = 1026
    rope_theta: float = 1e6
    epsilon: float = 1e-6
    plan: Plan | None = None  # channels beside the codebooks
    dense_width: int = 0  # above 0: a specialist, whose layers have one feed-forward network of this width

    def __post_init__(self) -> None:
        if not self.delay:
            self.delay = list(range(self.codebooks))
        if isinstance(self.plan, dict):
            self.plan = Plan(**self.plan)

    @property
    def head_dimension(self) -> int:
        return self.hidden // self.heads

    @property
    def dynamic_experts(self) -> int:
        """Those that the router chooses from: routed, then null."""
        return self.experts + self.null_experts

    @property
    def maximum_delay(self) -> int:
        """Of the codebooks; no plan channel lags more than the first of them."""
        return max(self.delay)

    def channels(self, domain: str) -> list[PlanChannel]:
        """The plan's channels in the frames of a domain, which stand before the codebooks there."""
        return self.plan.of(domain) if self.plan else []

    def written(self, domain: str) -> list[PlanChannel]:
        """Those of them that have a head."""
        return self.plan.written(domain) if self.plan else []

    def specialist(self) -> "ModelConfiguration":
        """The dense model whose feed-forward network holds one domain's share of the routed experts side by side."""
        return ModelConfiguration(**{**asdict(self), "dense_width": max(1, self.experts // 2) * self.routed_width})

    @staticmethod
    def from_recipe(recipe: ModelRecipe, vocabulary: int, placeholder: int) -> "ModelConfiguration":
        return ModelConfiguration(
            vocabulary=vocabulary,
            placeholder=placeholder,
            hidden=recipe.hidden,
            layers=recipe.layers,
            heads=recipe.heads,
            kv_heads=recipe.kv_heads,
            experts=recipe.experts,
            null_experts=recipe.null_experts,
            shared_experts=recipe.shared_experts,
            routed_width=recipe.routed_width,
            shared_width=recipe.shared_width,
            codebooks=recipe.codebooks,
            **planned(recipe),
            top_p=recipe.top_p,
        )

    @staticmethod
    def from_published(directory: Path) -> "ModelConfiguration":
        """Reads `config.json`. `text_config` is right where it and the top level differ."""
        path = directory / "config.json"
        try:
            top = json.loads(path.read_text(encoding="utf-8"))
            text = top["text_config"]
            plan = Plan.from_published(top["plan"], str(path)) if "plan" in top else None
            return ModelConfiguration(
                vocabulary=text["vocab_size"],
                placeholder=top["codec_placeholder_value"],
                hidden=text["hidden_size"],
                layers=text["num_hidden_layers"],
                heads=text["num_attention_heads"],
                kv_heads=text["num_key_value_heads"],
                experts=text["mlp_dynamic_expert_num"],
                null_experts=text["mlp_dynamic_null_expert_num"],
                shared_experts=text["mlp_fixed_expert_num"],
                routed_width=text["dynamic_intermediate_size"],
                shared_width=text["shared_intermediate_size"],
                codebooks=top["codec_channels"],
                delay=list(top["codec_delay_pattern"]),
                top_p=text["mlp_dynamic_top_p"],
                top_k=int(text["mlp_dynamic_top_k"]),
                jitter=text["router_jitter_noise"],
                input_jitter=text["input_jitter_noise"],
                code_vocabulary=top["codec_vocab_size"],
                eos=top["codec_eos_value"],
                pad=top["codec_pad_value"],
                bos=top["codec_bos_value"],
                rope_theta=text["rope_theta"],
                epsilon=text["rms_norm_eps"],
                plan=plan,
            )
        except OSError as error:
            raise BadInput(path, f"cannot be read: {error.strerror}") from None
        except json.JSONDecodeError as error:
            raise BadInput(path, f"is no JSON: {error}") from None
        except KeyError as error:
            raise BadInput(f"{path}: {error.args[0]}", "is missing") from None


def planned(recipe: ModelRecipe) -> dict:
    """The plan, and the codebooks' delays behind it."""
    delay = list(recipe.delay) or list(range(recipe.codebooks))
    if not recipe.plan:
        return {"delay": delay}
    plan = standard(PHONEMES, INSTRUMENTS)
    if recipe.plan_delay < (latest := max(channel.delay for channel in plan.channels)):
        raise BadInput(
            "model.plan_delay", expected=f"at least {latest}, the longest of the plan", found=recipe.plan_delay
        )
    return {"plan": plan, "delay": [recipe.plan_delay + rows for rows in delay]}
