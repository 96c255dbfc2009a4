"""Where training differs from the forward pass of the reference, and where it must not."""

from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from unimoe_train.curriculum import naive, specialists
from unimoe_train.curriculum.balance import Balance, Wants
from unimoe_train.curriculum.integrate import assemble, slices
from unimoe_train.curriculum.optimizer import Optimizer, orthogonalised
from unimoe_train.curriculum.schedule import anneal, rate
from unimoe_train.curriculum.step import scaled
from unimoe_train.model import heads
from unimoe_train.model.attention import ROWS, attend, causal_mask
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.model.experts import FeedForward
from unimoe_train.model.heads import IGNORE, codec_loss
from unimoe_train.model.router import balance_loss, capacity_loss, effective, route, select
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
    loss, each, difficulty = codec_loss(hidden, head, labels, torch.ones(N), weights, torch.float32)
    (2 * loss).backward()
    gradients = hidden.grad.clone(), head.grad.clone()
    hidden.grad = head.grad = None
    logits = F.linear(hidden, head).view(N, C, V)
    expected = torch.stack([F.cross_entropy(logits[:, c], labels[:, c], ignore_index=IGNORE) for c in range(C)])
    wanted = (expected * torch.tensor([2.0, 0.5, 0.5])).sum()
    (2 * wanted).backward()
    torch.testing.assert_close(each, expected.detach(), atol=1e-5, rtol=1e-5)
    own = F.cross_entropy(logits[:, 0], labels[:, 0], ignore_index=IGNORE, reduction="none").detach()
    alone = (labels[:, 0] != IGNORE) & (labels[:, 1:] == IGNORE).all(1)
    torch.testing.assert_close(difficulty[alone], own[alone], atol=1e-5, rtol=1e-5)
    assert ((difficulty < 0) == (labels == IGNORE).all(1)).all()
    torch.testing.assert_close(loss, wanted, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(gradients, (hidden.grad, head.grad), atol=1e-5, rtol=1e-4)


def test_learning_a_part_of_the_codebooks_has_the_same_gradient_in_the_mean(monkeypatch):
    torch.manual_seed(0)
    monkeypatch.setattr(heads, "block", lambda *_: (10, 1))
    N, C, V, H = 40, 4, 11, 8
    hidden, head = torch.randn(N, H), torch.randn(C * V, H, requires_grad=True)
    labels, scale = torch.randint(0, V, (N, C)), scaled([4.0, 2.0, 1.0, 1.0], C)
    chances = heads.chances_of(scale, 0.5)

    def gradient(*chances) -> torch.Tensor:
        loss, _, _ = codec_loss(hidden, head, labels, torch.ones(N), scale, torch.float32, *chances)
        return torch.autograd.grad(loss, head)[0]

    drawn = torch.stack([gradient(chances) for _ in range(3000)])
    assert (drawn.view(len(drawn), C, -1).abs().sum(-1) == 0).any()
    torch.testing.assert_close(drawn.mean(0), gradient(), atol=0.02, rtol=0.05)


@pytest.mark.parametrize("weights", [[1.0] * 10, [1.8, 1.3, 1.1, 0.9, 0.8, 0.7, 0.7, 0.7, 0.6, 0.6], [50.0, 1.0, 1.0]])
def test_the_wanted_share_of_the_codebooks_is_learned_those_that_count_more_often(weights):
    chances = heads.chances_of(scaled(weights, len(weights)), 0.5)
    assert float(chances.mean()) == pytest.approx(0.5, abs=1e-5)
    assert (chances <= 1).all() and chances.tolist() == sorted(chances.tolist(), reverse=True)


def test_balance_is_wanted_over_the_domains_together():
    experts = mixture().train()
    balance = Balance(configuration(layers=1), Wants()).train()
    balance.seen[:] = True
    # Speech keeps to experts 0 and 1, music to 2 and 3: over both, each expert has the same share.
    balance.fractions[0, 0] = torch.tensor([1.0, 1, 0, 0, 0])
    balance.fractions[1, 0] = torch.tensor([0.0, 0, 1, 1, 0])
    experts(torch.randn(1, 40, 32))
    valid = torch.ones(1, 40, dtype=torch.bool)
    loss, _, use = balance([experts], "speech", valid, torch.zeros(40))
    expected = balance.fractions[:, 0].mean(0)
    logits, selected = experts.routing.logits[:, :5], experts.routing.selected[:, :5]
    chances = F.softmax(logits.masked_fill(~selected, float("-inf")), -1).mean(0)
    torch.testing.assert_close(loss, 5 * (expected * chances).sum())
    assert torch.allclose(use.routed + use.null, use.fractions.sum(1))


def test_balance_moves_tokens_that_have_a_single_expert():
    logits = torch.tensor([[3.0, 0, 0, 0, 0]] * 10, requires_grad=True)
    _, selected = select(logits, 0.7, 0)
    assert (selected.sum(1) == 1).all()
    balance_loss(logits, selected.float().mean(0), torch.tensor([0.2] * 5)).backward()
    assert (logits.grad[:, 0] > 0).all() and (logits.grad[:, 1:] < 0).all()


def test_balance_is_one_where_all_experts_have_the_shares_that_are_wanted():
    wanted = torch.tensor([0.1875] * 4 + [0.25])
    logits = wanted.log().repeat(7, 1)
    torch.testing.assert_close(balance_loss(logits, wanted, wanted), torch.tensor(1.0))


def test_harder_tokens_are_to_take_more_experts_and_prompts_the_mean():
    balance = Balance(configuration(layers=1), Wants(0.25, 1.0, 1.6))
    wanted = balance.wanted(torch.tensor([-1.0, 5.0, 1.0, 3.0]))
    torch.testing.assert_close(wanted, torch.tensor([1.0, 2.6, -0.6, 1.0]))


def test_capacity_is_the_distance_in_experts_and_moves_the_router():
    torch.manual_seed(0)
    logits = torch.randn(200, 5).requires_grad_()
    _, selected = select(logits.detach(), 0.7, 0)
    count = selected[:, :4].sum(1).float()
    loss = capacity_loss(logits, selected, torch.full((200,), 1.0), 4)
    torch.testing.assert_close(loss, (count - 1).square().mean() / 2)
    loss.backward()
    moved = (logits - 10 * logits.grad).detach()
    assert effective(moved, 4).mean() < effective(logits, 4).mean()


def test_a_router_that_learns_from_all_experts_weighs_them_the_same():
    experts = mixture()
    x, results = torch.randn(30, 32), []
    for teaches_all in (False, True):
        experts.gate.grad = None
        routing = route(x, experts.gate, 5, top_p=0.3, top_k=0, jitter=0.01, teaches_all=teaches_all)
        (routing.weights * torch.arange(6.0)).sum().backward()
        results.append((routing.weights.detach(), experts.gate.grad.clone()))
    torch.testing.assert_close(results[0][0], results[1][0])
    assert not torch.allclose(results[0][1], results[1][1])


def test_routers_have_a_rate_of_their_own():
    model = LanguageModel(configuration())
    optimizer = Optimizer(model, kind="muon", rate=0.0, adam_rate=0.0, router_rate=0.1, weight_decay=0.0)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    optimizer.step()
    assert {name for name, p in model.named_parameters() if not torch.equal(p, before[name])} == {
        f"layers.{layer}.experts.gate" for layer in range(2)
    }


def test_attending_block_by_block_equals_attending_with_a_causal_mask():
    T = 2 * ROWS + 40
    query, key, value = torch.randn(2, T, 4, 8), torch.randn(2, T, 2, 8), torch.randn(2, T, 2, 8)
    mix = attend(query, key, value, None)
    expected = attend(query, key, value, causal_mask(T))
    torch.testing.assert_close(mix, expected, atol=1e-5, rtol=1e-5)


def test_a_prefix_that_rows_share_counts_as_if_each_had_its_own():
    model = LanguageModel(configuration()).eval()
    ids = torch.randint(0, 19, (3, 20))
    ids[:, :6] = ids[0, :6]
    whole = model.run(model.embed(ids, None))
    shared = model.run(model.embed(ids[:, 6:], None), prefix=model.embed(ids[:1, :6], None))
    torch.testing.assert_close(shared, whole[:, 6:], atol=1e-5, rtol=1e-5)


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
    around = SimpleNamespace(recipe=recipe, present=lambda *domains: domains)
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
