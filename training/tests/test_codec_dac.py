"""The codec's modules compute what the published ones do, and its directory is as the published one."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from unimoe_train.codec import checkpoint
from unimoe_train.codec.dac import DAC, DACConfiguration, Snake
from unimoe_train.errors import BadInput


@pytest.fixture(scope="module")
def dac(reference) -> DAC:
    return checkpoint.load(reference / "dac-tiny")


def test_codes_and_sound_of_the_reference(dac, reference):
    expected = load_file(reference / "dac_main.safetensors")
    codes = dac.encode(expected["signal"][None])
    assert torch.equal(codes[0], expected["codes"].long())
    torch.testing.assert_close(dac.quantizer.decode(codes)[0], expected["z_from_codes"], atol=1e-3, rtol=0)
    torch.testing.assert_close(dac.decode(codes)[0], expected["audio"], atol=1e-4, rtol=0)
    torch.testing.assert_close(
        dac.decode(expected["random_codes"].long()[None])[0], expected["random_audio"], atol=1e-4, rtol=0
    )


def test_every_layer_of_the_reference(dac, reference):
    expected = load_file(reference / "dac_debug.safetensors")
    x = dac.pad(expected["signal"][None])[:, None]
    torch.testing.assert_close(x[0, 0], expected["padded"])
    with torch.no_grad():
        for index, layer in enumerate(dac.encoder.block):
            x = layer(x)
            torch.testing.assert_close(x[0], expected[f"encoder.block.{index}"], atol=1e-3, rtol=0)
        z = dac.quantizer.decode(expected["codes"].long()[None])
        for index, layer in enumerate(dac.decoder.model):
            z = layer(z)
            torch.testing.assert_close(z[0], expected[f"decoder.model.{index}"], atol=1e-3, rtol=0)


def test_a_shorter_code_stack_decodes_alone(dac):
    codes = torch.randint(1024, (2, 12, 5))
    assert dac.decode(codes[:, :3]).shape == (2, 5 * 320 - 8)


def test_snake_has_the_gradients_of_its_formula():
    snake, x = Snake(3).double(), torch.randn(2, 3, 5, dtype=torch.double, requires_grad=True)
    with torch.no_grad():
        snake.alpha.copy_(torch.tensor([0.5, 1.0, 2.0])[None, :, None])
    assert torch.autograd.gradcheck(lambda v: snake(v), (x,))
    grad = torch.autograd.grad(snake(x).square().sum(), snake.alpha)[0]
    alpha = snake.alpha.detach().requires_grad_()
    formula = x + torch.sin(alpha * x) ** 2 / (alpha + 1e-9)
    torch.testing.assert_close(grad, torch.autograd.grad(formula.square().sum(), alpha)[0])


def test_weight_norm_pairs_are_the_published_ones(reference):
    with safe_open(reference / "dac-tiny" / "model.safetensors", "pt") as file:
        published = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}
    table = json.loads((reference / "dac-tiny" / "config.json").read_text())
    configuration = DACConfiguration(encoder_dim=table["encoder_dim"], decoder_dim=table["decoder_dim"], n_codebooks=12)
    pairs = checkpoint.with_weight_norm(DAC(configuration).state_dict())
    assert {name: tuple(value.shape) for name, value in pairs.items()} == published


def test_folding_undoes_pairing_and_zero_rows_stay_zero():
    tensors = {"a.weight": torch.randn(4, 3, 5), "a.bias": torch.randn(4)}
    tensors["a.weight"][1] = 0
    pairs = checkpoint.with_weight_norm(tensors)
    assert torch.isfinite(pairs["a.weight_v"]).all()
    torch.testing.assert_close(checkpoint.without_weight_norm(pairs)["a.weight"], tensors["a.weight"])


def test_a_missing_configuration_is_named(tmp_path):
    with pytest.raises(BadInput, match="config.json"):
        checkpoint.load(tmp_path)
