"""config.json, generation_config.json and preprocessor_config.json in the published form."""

import copy
import json
from dataclasses import asdict
from pathlib import Path

from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.plan.walk import WalkSettings
from unimoe_train.recipe import ExportRecipe, Recipe, SamplingDefaults, build
from unimoe_train.state import read_json
from unimoe_train.tokenizer import END, MESSAGE_END, Tokenizer

PUBLISHED = json.loads(Path(__file__).with_name("published_config.json").read_text())
LIMITS = ("max_text_characters", "max_voice_seconds", "max_music_seconds")
POSITIONS = 4096  # longest sequence that a model of ours is made for
PREPROCESSOR = {
    "do_convert_rgb": True,
    "do_normalize": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_processor_type": "Qwen2VLImageProcessor",
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "max_pixels": 12845056,
    "merge_size": 2,
    "min_pixels": 3136,
    "patch_size": 14,
    "processor_class": "Qwen2_5_VLProcessor",
    "resample": 3,
    "rescale_factor": 0.00392156862745098,
    "temporal_patch_size": 2,
}


def mrope_section(head_dimension: int) -> list[int]:
    """How a head's frequencies are shared out to the time, height and width axis, about 2 : 3 : 3 as published."""
    pairs = head_dimension // 2
    side = (pairs - max(1, round(pairs / 4))) // 2
    return [pairs - 2 * side, side, side]


def configuration(c: ModelConfiguration, tokenizer: Tokenizer, dtype: str = "bfloat16") -> dict:
    """The published config.json with our sizes and token ids."""
    top = copy.deepcopy(PUBLISHED)
    text = top["text_config"]
    rope = {"mrope_section": mrope_section(c.head_dimension), "rope_type": "default", "type": "default"}
    both = {
        "bos_token_id": tokenizer.id(END),
        "eos_token_id": tokenizer.id(MESSAGE_END),
        "hidden_size": c.hidden,
        "intermediate_size": max(1, c.experts // 2) * c.routed_width,
        "max_position_embeddings": POSITIONS,
        "num_attention_heads": c.heads,
        "num_hidden_layers": c.layers,
        "num_key_value_heads": c.kv_heads,
        "rms_norm_eps": c.epsilon,
        "rope_scaling": rope,
        "rope_theta": c.rope_theta,
        "torch_dtype": dtype,
        "vision_start_token_id": tokenizer.id("<|vision_start|>"),
        "vision_end_token_id": tokenizer.id("<|vision_end|>"),
        "vision_token_id": tokenizer.id("<|vision_pad|>"),
        "vocab_size": c.vocabulary,
    }
    top.update(copy.deepcopy(both))
    text.update(both)
    top.update(
        {
            "codec_bos_value": c.bos,
            "codec_eos_value": c.eos,
            "codec_pad_value": c.pad,
            "codec_channels": c.codebooks,
            "codec_delay_pattern": list(c.delay),
            "codec_placeholder_value": c.placeholder,
            "codec_vocab_size": c.code_vocabulary,
            "image_token_id": tokenizer.id("<|image_pad|>"),
            "video_token_id": tokenizer.id("<|video_pad|>"),
        }
    )
    if c.plan:
        top["plan"] = c.plan.published()
    text.update(
        {
            "dynamic_intermediate_size": c.routed_width,
            "shared_intermediate_size": c.shared_width,
            "mlp_dynamic_expert_num": c.experts,
            "mlp_dynamic_null_expert_num": c.null_experts,
            "mlp_fixed_expert_num": c.shared_experts,
            "mlp_dynamic_top_p": c.top_p,
            "mlp_dynamic_top_k": float(c.top_k),
            "router_jitter_noise": c.jitter,
            "input_jitter_noise": c.input_jitter,
            "layer_types": ["full_attention"] * c.layers,
        }
    )
    top["vision_config"].update(
        {
            "depth": 1,
            "fullatt_block_indexes": [0],
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_heads": 2,
            "out_hidden_size": c.hidden,
            "torch_dtype": dtype,
        }
    )
    return top


def over_carried(recipe: Recipe, folder: Path | None) -> ExportRecipe:
    """What a recipe says of an export, and for what it does not say the sampling defaults and limits of the checkpoint in
    `folder`."""
    path = folder / "generation_config.json" if folder else None
    if path is None or not path.exists():
        return recipe.export
    tasks = as_table(read_json(path), "unimoe_audio")
    speech, music = as_table(tasks, "speech"), as_table(tasks, "music")
    carried = {name: value for name, value in {**speech, **music}.items() if name in LIMITS}
    carried |= {"walk": chosen(WalkSettings, as_table(speech, "walk"))}
    for name, table in (("speech", speech), ("music", music)):
        carried[name] = {
            key: 0 if value is None else value for key, value in chosen(SamplingDefaults, table).items()
        }  # null: off
    told = recipe.told_export
    nested = {name: {**carried[name], **told.get(name, {})} for name in ("walk", "speech", "music")}
    return build(ExportRecipe, {**carried, **told, **nested}, str(path))


def as_table(value: object, name: str) -> dict:
    """The object `name` of a JSON object; an empty one where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def chosen(kind: type, table: dict) -> dict:
    """The entries of a table that are fields of a dataclass."""
    return {name: value for name, value in table.items() if name in kind.__dataclass_fields__}


def generation_configuration(recipe: ExportRecipe, tokenizer: Tokenizer, planned: bool) -> dict:
    """Sampling defaults per task under `unimoe_audio`, speech's also where Hugging Face looks; and how much a model can.
    `planned`: how a sentence is walked through, too."""
    speech = recipe.speech
    walk = {"walk": asdict(recipe.walk)} if planned else {}

    def limits(*names: str) -> dict:
        return {name: value for name in names if (value := getattr(recipe, name))}

    return {
        "bos_token_id": tokenizer.id(END),
        "eos_token_id": tokenizer.id(MESSAGE_END),
        "pad_token_id": tokenizer.id(END),
        "do_sample": speech.do_sample,
        "temperature": speech.temperature,
        "top_p": speech.top_p,
        "top_k": speech.cfg_filter_top_k,
        "transformers_version": "4.53.1",
        "unimoe_audio": {
            "speech": task(speech) | limits("max_text_characters", "max_voice_seconds") | walk,
            "music": task(recipe.music) | limits("max_music_seconds"),
        },
    }


def task(defaults: SamplingDefaults) -> dict:
    """One task's defaults; a filter that is off is null."""
    return {
        **asdict(defaults),
        "cfg_filter_top_k": defaults.cfg_filter_top_k or None,
        "min_tokens": defaults.min_tokens or None,
    }
