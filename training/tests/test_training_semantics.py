"""Where training differs from the forward pass of the reference, and where it must not."""

import math
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from unimoe_train.curriculum import naive, specialists
from unimoe_train.curriculum.balance import Balance
from unimoe_train.curriculum.guided_attention import guidance, guided_attention_loss, pointed
from unimoe_train.curriculum.integrate import assemble, slices
from unimoe_train.curriculum.optimizer import Optimizer, orthogonalised
from unimoe_train.curriculum.schedule import anneal, rate, rise
from unimoe_train.curriculum.step import scaled
from unimoe_train.model import heads
from unimoe_train.model.attention import ROWS, attend, causal_mask
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.model.experts import FeedForward
from unimoe_train.model.heads import IGNORE, ClassHead, FlagHead, codec_loss
from unimoe_train.model.router import route
from unimoe_train.recipe import MUSIC, SPEECH, Recipe, StageRecipe


def configuration(**changes):
    sizes = dict(
        vocabulary=20,
        placeholder=19,
        hidden=32,
        layers=2,
        heads=2,
        kv_heads=1,
        experts=4,
        null_experts=1,
        shared_experts=1,
        routed_width=16,
        shared_width=8,
        codebooks=3,
        input_jitter=0.0,
    )
    return ModelConfiguration(**{**sizes, **changes})


def mixture(**changes):
    torch.manual_seed(0)
    model = LanguageModel(configuration(**changes))
    experts = model.layers[0].experts
    torch.nn.init.normal_(experts.gate, std=0.5)
    return experts


def test_the_router_learns_as_if_the_softmax_weighed_the_experts():
    experts = mixture()
    x, probe = torch.randn(64, 32), torch.randn(64, 6)
    routing = route(x, experts.gate, 5, top_p=0.7, top_k=0, jitter=0.01)
    (routing.weights * probe).sum().backward()
    found, experts.gate.grad = experts.gate.grad, None
    softmax = F.softmax(F.linear(x, experts.gate).masked_fill(~routing.selected, float("-inf")), -1)
    (softmax * probe).sum().backward()
    torch.testing.assert_close(found, experts.gate.grad, atol=1e-4, rtol=1e-4)


def test_gathered_and_dense_experts_have_equal_values_and_gradients():
    experts = mixture().train()
    x, probe = torch.randn(2, 32, 32), torch.randn(2, 32, 32)
    results = []
    for gathers in (False, True):
        experts.gathers = gathers
        experts.zero_grad()
        y = experts(x)
        (y * probe).sum().backward()
        results.append([y.detach()] + [p.grad.clone() for p in experts.parameters()])
    for dense, gathered in zip(*results):
        torch.testing.assert_close(dense, gathered, atol=1e-4, rtol=1e-4)


def test_input_jitter_acts_on_the_router_in_training_only():
    experts = mixture(input_jitter=0.5)
    x = torch.randn(1, 8, 32)
    experts.eval()(x)
    still = experts.routing.logits
    experts.eval()(x)
    assert torch.equal(still, experts.routing.logits)
    experts.train()(x)
    assert not torch.equal(still, experts.routing.logits)


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_loss_is_the_weighted_sum_of_the_codebooks_mean_cross_entropies(device, monkeypatch):
    """On a CPU in the blocks that each device takes, several of them."""
    torch.manual_seed(0)
    size, group = heads.block(torch.device(device), 3)
    monkeypatch.setattr(heads, "block", lambda *_: (min(size, 20), group))
    N, C, V, H = 50, 3, 21, 16
    hidden = torch.randn(N, H, requires_grad=True)
    head = torch.randn(C * V, H, requires_grad=True)
    labels = torch.randint(0, V, (N, C))
    labels[torch.rand(N, C) < 0.3] = IGNORE
    weights = scaled([4.0, 1.0, 1.0], C)
    loss, each = codec_loss(hidden, head, labels, torch.ones(N), weights, torch.float32)
    (2 * loss).backward()
    gradients = hidden.grad.clone(), head.grad.clone()
    hidden.grad = head.grad = None
    logits = F.linear(hidden, head).view(N, C, V)
    expected = torch.stack([F.cross_entropy(logits[:, c], labels[:, c], ignore_index=IGNORE) for c in range(C)])
    wanted = (expected * torch.tensor([2.0, 0.5, 0.5])).sum()
    (2 * wanted).backward()
    torch.testing.assert_close(each, expected.detach(), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(loss, wanted, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(gradients, (hidden.grad, head.grad), atol=1e-5, rtol=1e-4)


def test_balance_is_wanted_over_the_domains_together():
    experts = mixture().train()
    balance = Balance(1, 5).train()
    # Speech keeps to experts 0 and 1, music to 2 and 3: over both, each expert has the same share.
    balance.fractions[0, 0] = torch.tensor([1.0, 1, 0, 0, 0])
    balance.fractions[1, 0] = torch.tensor([0.0, 0, 1, 1, 0])
    experts(torch.randn(1, 40, 32))
    valid = torch.ones(1, 40, dtype=torch.bool)
    loss, use = balance([experts], "speech", valid)
    expected = balance.fractions[:, 0].mean(0)
    logits, selected = experts.routing.logits[:, :5], experts.routing.selected[:, :5]
    chances = F.softmax(logits.masked_fill(~selected, float("-inf")), -1).mean(0)
    torch.testing.assert_close(loss, 5 * (expected * chances).sum())
    assert torch.allclose(use.routed + use.null, use.fractions.sum(1))


def test_guided_attention_prefers_the_token_that_is_spoken():
    centre = torch.full((1, 6), -1.0)
    centre[0, 4:] = torch.tensor([1.0, 2.0])
    right = torch.zeros(1, 1, 6, 6)
    right[..., 4, 1] = right[..., 5, 2] = 1
    wrong = right.roll(2, -1)
    width = torch.ones(1, 6)
    assert guided_attention_loss([right], centre, width) < 1e-3 < 1 < guided_attention_loss([wrong], centre, width)
    blocks = [right[:, :, :5, :5], right[:, :, 5:]]
    assert torch.equal(guided_attention_loss(blocks, centre, width), guided_attention_loss([right], centre, width))


def test_the_second_guided_head_looks_ahead():
    centre = torch.full((1, 6), -1.0)
    centre[0, 4] = 1.0
    here, ahead = torch.zeros(1, 6, 6), torch.zeros(1, 6, 6)
    here[0, 4, 1] = ahead[0, 4, 3] = 1
    width = torch.ones(1, 6)
    right, wrong = torch.stack([here, ahead], 1), torch.stack([ahead, here], 1)
    assert guidance([[right], [right]], centre, width, 2.0) < 1e-3
    assert guidance([[wrong], [wrong]], centre, width, 2.0) > 1


def test_music_is_led_by_its_first_head_one_beat_and_by_its_second_one_bar_back():
    back = torch.full((1, 9, 2), -1.0)
    back[0, 4:, 0], back[0, 8:, 1] = torch.arange(2.0, 7.0), 0.0
    beat, bar = torch.zeros(1, 9, 9), torch.zeros(1, 9, 9)
    beat[0, range(4, 9), range(2, 7)] = bar[0, 8, 0] = 1
    assert pointed([torch.stack([beat, bar], 1)], back, 1.5) < 1e-3
    assert pointed([torch.stack([bar, beat], 1)], back, 1.5) > 1
    assert pointed([beat[:, None]], back, 1.5) < 1e-3  # where there is one guided head, it is that of the beat


def test_attending_block_by_block_equals_attending_with_a_causal_mask():
    T = 2 * ROWS + 40
    query, key, value = torch.randn(2, T, 4, 8), torch.randn(2, T, 2, 8), torch.randn(2, T, 2, 8)
    mix, blocks = attend(query, key, value, None)
    expected, [whole] = attend(query, key, value, causal_mask(T))
    torch.testing.assert_close(mix, expected, atol=1e-5, rtol=1e-5)
    rows = 0
    for block in blocks:
        torch.testing.assert_close(block, whole[:, :, rows : rows + block.shape[2], : block.shape[3]])
        rows += block.shape[2]
    assert rows == T and len(blocks) == 3


def test_a_prefix_that_rows_share_counts_as_if_each_had_its_own():
    model = LanguageModel(configuration()).eval()
    ids = torch.randint(0, 19, (3, 20))
    ids[:, :6] = ids[0, :6]
    whole = model.run(model.embed(ids, None))
    shared = model.run(model.embed(ids[:, 6:], None), prefix=model.embed(ids[:1, :6], None))
    torch.testing.assert_close(shared, whole[:, 6:], atol=1e-5, rtol=1e-5)


def test_a_new_phoneme_head_asks_nothing_of_the_layers_below():
    hidden = torch.randn(5, 8, requires_grad=True)
    loss = ClassHead(8, (4, 4))(hidden, torch.stack([torch.arange(5) % 4, torch.zeros(5, dtype=torch.int64)], 1))
    torch.testing.assert_close(loss, torch.tensor(4.0).log())
    loss.backward()
    assert not hidden.grad.any()


def test_a_new_note_head_asks_nothing_of_the_layers_below_and_finds_no_fault_where_nothing_is_known():
    hidden, head = torch.randn(5, 8, requires_grad=True), FlagHead(8, 3)
    flags = torch.tensor([[0, 1, 1]] * 4 + [[-1, -1, -1]])
    loss = head(hidden, flags)
    torch.testing.assert_close(loss, torch.tensor(2.0).log())
    loss.backward()
    assert not hidden.grad.any() and head.head.bias.grad.sign().tolist() == [1, -1, -1]
    head.zero_grad()
    unknown = head(hidden, flags[4:].expand(5, 3))
    unknown.backward()  # every process has to have a gradient to reduce
    assert unknown == 0 and not head.head.weight.grad.any()


def test_an_assembled_model_holds_the_specialists():
    whole = configuration()
    base, speech, music = (LanguageModel(whole.specialist()) for _ in range(3))
    model = assemble(whole, base, speech, music, 1.0, 0.0)
    assert torch.equal(model.head, speech.head) or torch.allclose(model.head, speech.head, atol=1e-6)
    x = torch.randn(5, 32)
    routed = model.layers[0].experts.routed
    weight = torch.full((5, 2), 1 / 3)
    expected = speech.layers[0].experts(x)
    torch.testing.assert_close(routed(x, torch.cat([weight, 0 * weight], 1)), expected, atol=1e-5, rtol=1e-4)
    expected = music.layers[0].experts(x)
    torch.testing.assert_close(routed(x, torch.cat([0 * weight, weight], 1)), expected, atol=1e-5, rtol=1e-4)


def test_a_naive_step_has_as_many_positions_as_one_of_the_joint_stage():
    recipe = Recipe("recipe")
    recipe.curriculum.positions, recipe.curriculum.music_positions = 3000, 1000
    around = SimpleNamespace(recipe=recipe)
    joint = specialists.mix(around, SPEECH, MUSIC)
    (raw,) = naive.raw_mix(around)
    assert raw == {SPEECH: 4000, MUSIC: 4000}  # whichever domain the step's only batch is drawn from
    assert sum(sum(batch.values()) for batch in joint) == 4000


def test_slices_add_up():
    network = FeedForward(32, 24)
    torch.nn.init.normal_(network.gate_up), torch.nn.init.normal_(network.down)
    x, total = torch.randn(4, 32), 0
    for gate_up, down in zip(*slices(network.gate_up.data, network.down.data, 3)):
        part = FeedForward(32, 8)
        part.gate_up.data, part.down.data = gate_up, down
        total = total + part(x)
    torch.testing.assert_close(total, network(x), atol=1e-3, rtol=1e-4)


def test_newton_schulz_brings_all_singular_values_near_one():
    for shape in ((3, 16, 40), (2, 40, 16)):
        values = torch.linalg.svdvals(orthogonalised(torch.randn(shape)).float())
        assert values.min() > 0.5 and values.max() < 1.35


def test_muon_orthogonalises_every_expert_and_projection_apart():
    model = LanguageModel(configuration())
    optimizer = Optimizer(model, kind="muon", rate=0.1, adam_rate=0.0, weight_decay=0.0)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    for p in model.parameters():
        p.grad = torch.randn_like(p)
    optimizer.step()
    change = {name: p.detach() - before[name] for name, p in model.named_parameters()}
    down = change["layers.0.experts.routed.down"]
    gate, up = change["layers.0.experts.routed.gate_up"][0].chunk(2)
    query, key, value = change["layers.1.attention.qkv.weight"].split([32, 16, 16])
    for matrix in (down[0], down[3], gate, up, query, key, value):
        values = torch.linalg.svdvals(matrix) / (0.1 * 0.2 * max(matrix.shape) ** 0.5)
        assert values.min() > 0.5 and values.max() < 1.35
    assert change["embedding"].abs().max() == 0


def test_schedule():
    stage = StageRecipe(warmup=10, decay=0.25)
    assert rate(stage, 4, 0.0) == 0.5 and rate(stage, 100, 0.7) == 1 and abs(rate(stage, 100, 0.875) - 0.5) < 1e-9
    assert rate(stage, 100, 1.0) == 0 and abs(anneal(0.025, 0.001, 0.5) - 0.013) < 1e-9
    assert [rise(step, 4) for step in (0, 1, 3, 9)] == [0.25, 0.5, 1, 1] and rise(0, 0) == 1


def test_a_new_head_learns_as_fast_while_the_weight_of_what_it_tells_still_rises():
    torch.manual_seed(0)
    hidden, labels = torch.randn(64, 16), torch.randint(0, 5, (64, 1))
    after = []
    for steps in (0, 200):
        torch.manual_seed(1)
        head = ClassHead(16, (5,))
        optimizer = Optimizer(head, kind="muon", rate=0.02, adam_rate=3e-3, weight_decay=0.0)
        for step in range(100):
            (rise(step, steps) * head(hidden, labels)).backward()
            optimizer.step()
            optimizer.zero_grad()
        after.append(float(head(hidden, labels)))
    assert after[0] < 1.2 < math.log(5) and abs(after[1] - after[0]) < 0.1, after
