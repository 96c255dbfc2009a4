"""The language model in eager PyTorch: the engine's work, written the way that is fast there.

Cached keys and values, both guidance rows in one batch, experts computed for the rows that chose them only, projections
of one input fused into one matrix, no gradient, no copy in the step loop that PyTorch does not force.
"""

import torch
import torch.nn.functional as F
from checkpoint import Config, read_tensors


class FeedForward:
    """One SiLU-gated expert; gate and up are one matrix if `fused`."""

    def __init__(self, tensors, prefix, dtype, fused):
        gate, up, down = (tensors[f"{prefix}{name}_proj.weight"].to(dtype) for name in ("gate", "up", "down"))
        self.gate_up = torch.cat([gate, up]) if fused else None
        self.gate, self.up, self.down = gate if not fused else None, up if not fused else None, down

    def __call__(self, x):
        if self.gate_up is None:
            return F.linear(F.silu(F.linear(x, self.gate)).mul_(F.linear(x, self.up)), self.down)
        gate, up = F.linear(x, self.gate_up).chunk(2, -1)
        return F.linear(F.silu(gate).mul_(up), self.down)


class Router:
    """Top-p routing over routed and null experts with the sparse mixer's eval-mode weights."""

    def __init__(self, config):
        self.config = config
        self.upper = torch.ones(config.dynamic, config.dynamic, dtype=torch.bool).triu()
        self.ranks = torch.arange(config.dynamic)

    def __call__(self, logits):
        """logits [rows, experts] -> chosen [rows, experts] bool, weights [rows, experts], in float32."""
        config, count = self.config, self.config.dynamic
        logits = logits.float()
        values, order = logits[:, :count].sort(dim=-1, descending=True, stable=True)
        if config.top_p != 0:
            sums = F.softmax(values, -1).cumsum(-1)
            capacity = (sums < config.top_p).sum(-1, keepdim=True) + 1
            capacity = torch.where(capacity > count, 0, capacity)
        else:
            capacity = torch.full((len(logits), 1), config.top_k)
        picked = self.ranks < capacity
        peak, other = values[:, :, None], values[:, None, :]
        near = ~((peak - other) / torch.maximum(peak.abs(), other.abs()) > 2 * config.jitter) & self.upper
        raw = 1 / torch.exp(other - peak).masked_fill_(~near, 0).sum(-1)
        raw = raw.masked_fill_(~picked, 0)
        mixed = torch.zeros_like(raw).scatter_(1, order, raw / (raw.sum(-1, keepdim=True) + 1e-6))
        chosen = torch.ones(logits.shape, dtype=torch.bool)
        chosen[:, :count] = torch.zeros_like(picked).scatter_(1, order, picked)
        share = F.softmax(logits.masked_fill(~chosen, float("-inf")), -1)
        weights = torch.cat([mixed * share[:, :count].sum(-1, keepdim=True), share[:, count:]], -1)
        return chosen, weights


class Layer:
    """One decoder layer."""

    def __init__(self, tensors, config, index, dtype, fused):
        prefix = f"model.layers.{index}."
        attention = prefix + "self_attn."
        self.config = config
        self.attention_norm = tensors[prefix + "input_layernorm.weight"].to(dtype)
        self.expert_norm = tensors[prefix + "post_attention_layernorm.weight"].to(dtype)
        self.qkv = torch.cat([tensors[f"{attention}{name}_proj.weight"].to(dtype) for name in "qkv"])
        self.qkv_bias = torch.cat([tensors[f"{attention}{name}_proj.bias"].to(dtype) for name in "qkv"])
        self.output = tensors[attention + "o_proj.weight"].to(dtype)
        self.gate = tensors[prefix + "mlp.gate.weight"].to(dtype)
        routed = prefix + "mlp.dynamic_real_moe.deepspeed_moe.experts.deepspeed_experts."
        self.routed = [FeedForward(tensors, f"{routed}{e}.", dtype, fused) for e in range(config.routed)]
        shared = prefix + "mlp.fixed_real_moe."
        self.shared = [FeedForward(tensors, f"{shared}{e}.", dtype, fused) for e in range(config.shared)]

    def attend(self, x, cosine, sine, cache, start, keys_only):
        """x [streams, positions, hidden]; cache [2, streams, kv_heads, capacity, head_dimension] is filled."""
        config = self.config
        streams, positions, _ = x.shape
        dimension, kv_heads = config.head_dimension, config.kv_heads
        turned = config.heads + kv_heads
        qkv = F.linear(x, self.qkv, self.qkv_bias).view(streams, positions, turned + kv_heads, dimension)
        first, second = qkv[:, :, :turned].chunk(2, -1)
        qk = torch.cat([first * cosine - second * sine, second * cosine + first * sine], -1)
        end = start + positions
        cache[0, :, :, start:end] = qk[:, :, config.heads :].transpose(1, 2)
        cache[1, :, :, start:end] = qkv[:, :, turned:].transpose(1, 2)
        if keys_only:
            return None
        keys, values = cache[0, :, :, :end], cache[1, :, :, :end]
        if positions == 1:
            # The query heads of a key head are its queries: no copy of keys and values.
            query = qk[:, 0, : config.heads].view(streams, kv_heads, -1, dimension)
            mixed = F.scaled_dot_product_attention(query, keys, values).view(streams, 1, -1)
        else:
            query = qk[:, :, : config.heads].transpose(1, 2)
            group = config.heads // kv_heads
            keys, values = keys.repeat_interleave(group, 1), values.repeat_interleave(group, 1)
            mixed = F.scaled_dot_product_attention(query, keys, values, is_causal=True)
            mixed = mixed.transpose(1, 2).reshape(streams, positions, -1)
        return F.linear(mixed, self.output)

    def mix_experts(self, x, router, counts):
        """x [rows, hidden] -> what the experts add; counts of distinct routed experts go to the list `counts`."""
        config = self.config
        chosen, weights = router(F.linear(x, self.gate))
        weights = weights.to(x.dtype)
        total = torch.zeros_like(x)
        working = chosen[:, : config.routed].any(0).tolist()
        if counts is not None:
            counts.append(sum(working))
        for expert, works in enumerate(working):
            if not works:
                continue
            rows = chosen[:, expert].nonzero()[:, 0]
            if len(rows) == len(x):
                total.addcmul_(self.routed[expert](x), weights[:, expert, None])
            else:
                total.index_add_(0, rows, self.routed[expert](x[rows]).mul_(weights[rows, expert, None]))
        for expert in range(config.shared):
            total.addcmul_(self.shared[expert](x), weights[:, config.dynamic + expert, None])
        return total


class Decoder:
    """The whole language model for streams of equal length."""

    def __init__(self, directory, dtype, fused=True):
        self.config = config = Config.read(directory)
        self.dtype = dtype
        tensors = read_tensors(directory)
        self.embedding = tensors["model.embed_tokens.weight"].to(dtype)
        self.code_embedding = torch.cat(
            [tensors[f"codec_embed_tokens.{codebook}.weight"].to(dtype) for codebook in range(config.codebooks)]
        )
        self.offsets = torch.arange(config.codebooks) * config.code_vocabulary
        self.layers = [Layer(tensors, config, index, dtype, fused) for index in range(config.layers)]
        self.norm = tensors["model.norm.weight"].to(dtype)
        self.head = tensors["codec_head.weight"].to(dtype)
        self.router = Router(config)
        exponents = torch.arange(0, config.head_dimension, 2, dtype=torch.float32) / config.head_dimension
        self.frequencies = 1 / config.rope_theta**exponents

    def make_caches(self, streams, capacity):
        """Keys and values per layer, allocated once."""
        config = self.config
        shape = (2, streams, config.kv_heads, capacity, config.head_dimension)
        return [torch.zeros(shape, dtype=self.dtype) for _ in range(config.layers)]

    def run(self, x, caches, start, fills_cache_only=False, counts=None):
        """x [streams, positions, hidden] -> the last layer's output, or None if only the caches were asked for."""
        config = self.config
        angles = torch.arange(start, start + x.shape[1], dtype=torch.float32)[:, None] * self.frequencies
        cosine, sine = (table[:, None].to(self.dtype) for table in (angles.cos(), angles.sin()))
        shape = (config.hidden,)
        for index, layer in enumerate(self.layers):
            is_last = fills_cache_only and index == config.layers - 1
            normed = F.rms_norm(x, shape, layer.attention_norm, config.epsilon)
            attended = layer.attend(normed, cosine, sine, caches[index], start, is_last)
            if is_last:
                return None
            x = x + attended
            normed = F.rms_norm(x, shape, layer.expert_norm, config.epsilon)
            x = x + layer.mix_experts(normed.view(-1, config.hidden), self.router, counts).view_as(x)
        return x

    @torch.inference_mode()
    def prefill(self, ids, caches):
        """ids [streams, positions]; fills the caches, as generation does, and computes no logits."""
        self.run(F.embedding(ids, self.embedding), caches, 0, fills_cache_only=True)

    @torch.inference_mode()
    def step(self, frames, caches, position, counts=None):
        """frames [streams, codebooks] -> logits [streams, codebooks, codeVocabulary], float32."""
        x = F.embedding_bag(frames + self.offsets, self.code_embedding, mode="sum")[:, None]
        x = self.run(x, caches, position, counts=counts)
        x = F.rms_norm(x, (self.config.hidden,), self.norm, self.config.epsilon)
        return F.linear(x, self.head).float().view(len(frames), self.config.codebooks, -1)

    @torch.inference_mode()
    def draw(self, logits, guidance, temperature, top_k):
        """logits [2 * requests, codebooks, codeVocabulary], unconditional rows first -> codes [requests, codebooks]."""
        eos = self.config.eos
        unconditional, conditional = logits[0::2], logits[1::2]
        mixed = conditional + guidance * (conditional - unconditional)
        mixed[:, :, eos + 1 :] = float("-inf")
        mixed[:, 1:, eos] = float("-inf")
        values, codes = (mixed / temperature).topk(min(top_k, eos), dim=-1)
        ends = codes[:, :, :1] == eos
        values = values.masked_fill_((codes == eos) & ~ends, float("-inf"))
        picks = torch.multinomial(F.softmax(values, -1).flatten(0, 1), 1).view(*values.shape[:2], 1)
        return codes.gather(-1, picks)[:, :, 0]
