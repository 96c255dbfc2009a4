"""The codec is fitted part by part; every part goes on where it was."""

import json

import numpy as np
import pytest
import torch
from unimoe_train import cli
from unimoe_train.codec import analysis, budget, checkpoint, decoder, initial, network_training
from unimoe_train.codec.dac import Decoder
from unimoe_train.codec.discriminators import Discriminators
from unimoe_train.codec.encode import CodedClips
from unimoe_train.codec.features import Layout
from unimoe_train.codec.losses import adversarial_loss, discriminator_loss, feature_loss, spectral_loss
from unimoe_train.codec.quantiser import Quantiser, fit
from unimoe_train.codec.segments import CodedSegments, Pool, Pools, SoundSegments, pools_of
from unimoe_train.data.clips import ClipWriter
from unimoe_train.errors import BadInput
from unimoe_train.interruption import Interruption
from unimoe_train.recipe import FOLDER, Recipe
from unimoe_train.state import State

LAYOUT = Layout.of(16000)
BOTH = [Pool(["minimus"], 0.5), Pool(["mini0"], 0.5)]


def sweep(count=1, frames=30):
    """Chirps with noise [count, samples], each another."""
    t = torch.arange(frames * 320) / 16000
    rows = [
        0.3 * torch.sin(2 * torch.pi * (150 + 40 * i) * t * (1 + t)) + 0.01 * torch.randn(len(t)) for i in range(count)
    ]
    return torch.stack(rows)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A state folder with everything the miniature's codec is made of."""
    state = State(tmp_path_factory.mktemp("codec"))
    torch.manual_seed(0)
    for name, kind, count in (("mini0", "s", 6), ("minimus", "m", 4), ("minitest", "s", 2), ("minimustest", "m", 2)):
        writer = ClipWriter()
        for row in sweep(count, 60):
            fields = {"voice": "mini", "text": "A."} if kind == "s" else {"caps": ["a"]}
            writer.append(row.numpy(), kind=kind, **fields)
        writer.save(state, name)
    recipe = Recipe.load("miniature")
    cli.main(["codec", "--recipe", "miniature", "--state", str(state.root), "--threads", "1", "--minutes", "0.02"])
    return state, recipe


def test_features_have_one_row_per_code_frame_and_no_phase():
    samples = sweep(2)
    assert LAYOUT.features(samples).shape == (2, 30, LAYOUT.size)
    torch.testing.assert_close(LAYOUT.features(samples), LAYOUT.features(-samples), atol=1e-3, rtol=0)


def test_features_follow_the_sound_in_time():
    samples = torch.zeros(1, 20 * 320)
    samples[0, 10 * 320 : 11 * 320] = torch.randn(320)
    loud = LAYOUT.features(samples)[0, :, 100:].mean(1)
    assert loud.argmax() == 10


def test_the_quantiser_s_error_falls_with_every_codebook():
    torch.manual_seed(0)
    raw = torch.randn(6000, 12) @ torch.randn(12, LAYOUT.size)
    quantiser = fit(raw, 3, 16000)
    latents = quantiser.scale(raw)
    codes = quantiser.encode(latents)
    errors = [(quantiser.decode(codes[:, :n]) - latents).pow(2).mean() / latents.var() for n in (1, 2, 3)]
    assert errors[2] < errors[1] < errors[0] < 0.7
    torch.testing.assert_close(quantiser.unscale(latents), raw, atol=1e-3, rtol=0)


def test_the_published_lookup_finds_the_fitted_codes(made):
    state, recipe = made
    quantiser, dac = Quantiser.load(state.path("quantiser.pt")), checkpoint.load(state.path("codec", "x").parent)
    latents = quantiser.scale(LAYOUT.features(sweep(1, 60)))
    padded = torch.nn.functional.pad(latents, (0, 12)).transpose(1, 2)
    codes = dac.quantizer.encode(padded)[0].T
    assert (codes == quantiser.encode(latents)[0]).float().mean() > 0.99
    torch.testing.assert_close(
        dac.quantizer.decode(codes.T[None])[0, : LAYOUT.size].T, quantiser.decode(codes), atol=1e-3, rtol=0
    )


def test_the_written_codec_is_the_fitted_one(made):
    state, recipe = made
    dac, quantiser = checkpoint.load(state.path("codec", "x").parent), Quantiser.load(state.path("quantiser.pt"))
    codes = torch.from_numpy(CodedClips(state, "minitest").clip_codes(0).T)[None]
    weights, width = decoder.best_weights(state)
    network = decoder.Decoder(240, width, (8, 5, 4, 2))
    network.load_state_dict(weights)
    with torch.no_grad():
        expected = network(decoder.decoder_latents(quantiser, codes, 240))[:, 0]
    torch.testing.assert_close(dac.decode(codes), expected, atol=1e-4, rtol=0)
    assert dac.encode(sweep(1)).shape == (1, 4, 30)


def test_a_finished_codec_is_kept(made, capsys):
    state, _ = made
    before = {path.name: path.stat().st_mtime_ns for path in state.root.glob("*.pt")}
    cli.main(
        [
            "codec",
            "quantiser",
            "codes",
            "encoder",
            "decoder",
            "adversarial",
            "--recipe",
            "miniature",
            "--state",
            str(state.root),
            "--threads",
            "1",
            "--minutes",
            "0.02",
        ]
    )
    assert {path.name: path.stat().st_mtime_ns for path in state.root.glob("*.pt")} == before
    assert "trained already" in capsys.readouterr().out


@pytest.mark.parametrize("kind", [decoder.DecoderTraining, decoder.AdversarialTraining])
def test_a_stopped_training_goes_on(made, kind):
    state, recipe = made
    recipe.codec.decoder_minutes = recipe.codec.adversarial_minutes = 10
    quantiser = Quantiser.load(state.path("quantiser.pt"))
    segments = CodedSegments(state, [Pool(["minimus"], 0.3), Pool(["mini0"], 0.7)])
    first = kind(state, recipe.codec, quantiser, segments)
    begin = first.step
    with Interruption() as stop:
        first.run(stop, lambda seconds: setattr(stop, "requested", first.step >= begin + 3))
    second = kind(state, recipe.codec, quantiser, segments)
    assert second.step == begin + 3 and 0 < second.budget.before <= first.budget.seconds
    for a, b in zip(first.network.parameters(), second.network.parameters()):
        assert torch.equal(a, b)
    assert all(torch.equal(a, b) for a, b in zip(first.average.values, second.average.values))


@pytest.mark.parametrize("seconds, saves", [(0, 5), (3600, 1)])
def test_a_training_is_saved_by_time(made, seconds, saves, monkeypatch):
    state, recipe = made
    monkeypatch.setattr(network_training, "SAVE_SECONDS", seconds)
    recipe.codec.decoder_minutes, written = 10, []
    segments = CodedSegments(state, [Pool(["minimus"], 0.3), Pool(["mini0"], 0.7)])
    training = decoder.DecoderTraining(state, recipe.codec, Quantiser.load(state.path("quantiser.pt")), segments)
    monkeypatch.setattr(training, "save", lambda: written.append(training.step))
    end = training.step + 4
    with Interruption() as stop:
        training.run(stop, lambda share: setattr(stop, "requested", training.step >= end))
    assert len(written) == saves and written[-1] == end


def test_a_checkpoint_s_codec_gives_the_same_codes_and_learns_on(made, tmp_path):
    state, recipe = made
    folder = tmp_path / "codec"
    checkpoint.write(state, folder, recipe.codec.codebooks)
    later = State(tmp_path / "later")
    for name in ("mini0", "minimus", "minitest", "minimustest"):
        for path in (state.sound(name), state.clips(name)):
            later.path("data", path.name).write_bytes(path.read_bytes())
    initial.take(folder, later)
    old, new = (Quantiser.load(s.path("quantiser.pt")) for s in (state, later))
    raw = LAYOUT.features(sweep(1, 60))
    assert (new.encode(new.scale(raw)) == old.encode(old.scale(raw))).float().mean() > 0.99
    weights, _ = decoder.best_weights(later)
    for name, value in decoder.best_weights(state)[0].items():
        torch.testing.assert_close(weights[name], value, atol=1e-5, rtol=1e-4)
    cli.main(
        [
            "codec",
            "codes",
            "encoder",
            "decoder",
            "--recipe",
            "miniature",
            "--state",
            str(later.root),
            "--threads",
            "1",
            "--minutes",
            "0.02",
        ]
    )
    assert all(torch.load(later.path(name), weights_only=True)["step"] > 0 for name in ("encoder.pt", "decoder.pt"))
    initial.take(folder, later)  # again: what was trained meanwhile stays
    assert torch.load(later.path("encoder.pt"), weights_only=True)["step"] > 0
    other = State(tmp_path / "other")
    fit(torch.randn(2000, LAYOUT.size), 4, 16000).save(other.path("quantiser.pt"))
    with pytest.raises(BadInput, match="quantiser.pt"):
        initial.take(folder, other)
    (folder / "features.json").unlink()
    with pytest.raises(BadInput, match="features.json"):
        initial.take(folder, State(tmp_path / "another"))


def test_a_decoder_of_the_first_format_is_continued(made, tmp_path):
    """Files without the discriminators' part, and encoders without a record of their training, are taken over."""
    state, recipe = made
    old = State(tmp_path)
    saved = torch.load(state.path("decoder.pt"), weights_only=True)
    torch.save(
        {name: saved[name] for name in ("decoder", "ema", "width", "opt", "step", "seconds")}, old.path("decoder.pt")
    )
    torch.save({"encoder": torch.load(state.path("encoder.pt"))["encoder"], "width": 12}, old.path("encoder.pt"))
    assert budget.is_finished(recipe.codec, "encoder", old.path("encoder.pt"))
    training = decoder.AdversarialTraining(
        old, recipe.codec, Quantiser.load(state.path("quantiser.pt")), CodedSegments(state, [Pool(["mini0"], 1.0)])
    )
    assert training.step == 0
    assert torch.equal(training.network.model[0].weight, saved["ema"]["model.0.weight"])


def test_learning_lowers_the_losses(made):
    state, recipe = made
    recipe.codec.decoder_minutes, recipe.codec.decoder_rate = 1e6, 1e-2
    state.path("decoder.pt").rename(state.path("kept.pt"))
    training = decoder.DecoderTraining(
        state, recipe.codec, Quantiser.load(state.path("quantiser.pt")), CodedSegments(state, [Pool(["mini0"], 1.0)])
    )
    losses = [training.learn()["mel"] for _ in range(14)]
    state.path("kept.pt").rename(state.path("decoder.pt"))
    assert np.mean(losses[-3:]) < 0.95 * np.mean(losses[:3])


def test_discriminators_tell_after_some_steps():
    torch.manual_seed(0)
    judges = Discriminators(2)
    optimizer = torch.optim.AdamW(judges.parameters(), 1e-2)
    true, made = sweep(2, 10), 0.2 * torch.randn(2, 3200)
    losses = []
    for _ in range(40):
        loss = discriminator_loss(judges(true), judges(made))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert adversarial_loss(judges(made)) > adversarial_loss(judges(true))
    assert feature_loss(judges(true), judges(true)) < 1e-5 < feature_loss(judges(true), judges(made))


def test_losses_are_zero_for_equal_sound_and_finite_in_silence():
    x = sweep(1)
    assert sum(spectral_loss(x, x, 16000)) < 1e-4
    silence = torch.zeros(1, 9600, requires_grad=True)
    sum(spectral_loss(silence, torch.zeros(1, 9600), 16000)).backward()
    assert torch.isfinite(silence.grad).all()


def test_frequencies_above_a_source_s_band_are_not_compared():
    x, t = sweep(1), torch.arange(9600) / 16000
    whistle = x + 0.2 * torch.sin(2 * torch.pi * 6000 * t)
    whole = sum(spectral_loss(whistle, x, 16000, torch.tensor([8000.0])))
    assert whole > 0.3 and sum(spectral_loss(whistle, x, 16000, torch.tensor([5000.0]))) < 0.05 * whole
    torch.testing.assert_close(whole, sum(spectral_loss(whistle, x, 16000)))


def test_a_decoder_sees_no_further_than_its_look_ahead():
    torch.manual_seed(0)
    network = Decoder(12, 32, (10, 6, 4, 2), look_ahead=2)
    z = torch.randn(1, 12, 12)
    other = z.clone()
    other[..., 8:] += 1
    with torch.no_grad():
        a, b = network(z)[0, 0], network(other)[0, 0]
    differing = torch.nonzero(a != b)[0].item()
    # Frames 0 to 5 see up to frame 7; the upsampling takes up to half a frame, and half of every finer row, more.
    assert 5.3 * 480 < differing <= 6 * 480 and len(a) == 12 * 480
    plain = Decoder(12, 32, (10, 6, 4, 2))
    plain.load_state_dict(network.state_dict())  # as the engine reads it: taps that are zero
    with torch.no_grad():
        torch.testing.assert_close(plain(z)[0, 0], a)


def test_look_ahead_lasts_through_training():
    torch.manual_seed(0)
    network = Decoder(12, 32, (2, 2), look_ahead=1)
    optimizer = torch.optim.AdamW(network.parameters(), 1e-2, weight_decay=1e-2)
    for _ in range(3):
        optimizer.zero_grad()
        network(torch.randn(1, 12, 9)).pow(2).mean().backward()
        optimizer.step()
    assert (network.model[0].weight[:, :, 5:] == 0).all() and (network.model[0].weight[:, :, 4] != 0).any()


def test_pieces_from_the_start_or_the_end_of_clips(made):
    state, _ = made
    segments, clips = CodedSegments(state, [Pool(["mini0"], 1.0)]), CodedClips(state, "mini0")
    for where, start in (("start", 0), ("end", 40)):
        batch = segments.batch(3, 4, 20, where)
        known = [clips.clip_codes(i, start, 20).T for i in range(len(clips))]
        assert all(any(np.array_equal(row, one) for one in known) for row in batch.codes.numpy())
        assert batch.bands.tolist() == [8000.0] * 4


def test_a_codec_of_24_khz_is_fitted_and_written(tmp_path):
    recipe = (FOLDER / "miniature.toml").read_text()
    recipe = recipe.replace("[data]", "[data]\nsample_rate = 24000", 1).replace(
        "encoder_width = 15", "encoder_width = 16"
    )
    recipe = recipe.replace(
        "[codec]", "[codec]\nstrides = [10, 6, 4, 2]\ndecoder_look_ahead = 2\ndecoder_ends = true", 1
    )
    path, state = tmp_path / "wide.toml", State(tmp_path / "state")
    path.write_text(recipe)
    state.take_rate(24000)
    torch.manual_seed(0)
    for name, kind in (("mini0", "s"), ("minimus", "m"), ("minitest", "s"), ("minimustest", "m")):
        writer = ClipWriter()
        for row in 0.2 * torch.randn(3, 30 * 480):
            writer.append(row.numpy(), kind=kind, band=11000, voice="mini", text="A.", caps=["a"])
        writer.save(state, name)
    cli.main(["codec", "--recipe", str(path), "--state", str(state.root), "--threads", "1", "--minutes", "0.02"])
    configuration = json.loads(state.path("codec", "config.json").read_text())
    assert configuration["sample_rate"] == 24000 and configuration["decoder_rates"] == [10, 6, 4, 2]
    dac = checkpoint.load(state.path("codec", "x").parent)
    assert dac.decode(dac.encode(torch.randn(1, 4800))).shape == (1, 4800)
    initial.take(state.path("codec", "x").parent, other := taken(tmp_path / "other", 24000))
    assert Quantiser.load(other.path("quantiser.pt")).layout.rate == 24000
    with pytest.raises(BadInput, match="expected a codec of 16000 Hz, as the state folder's sound has, found 24000 Hz"):
        initial.take(state.path("codec", "x").parent, State(tmp_path / "another"))


@pytest.mark.parametrize("rate", [16000, 24000])
def test_the_spectral_encoder_makes_the_features(rate, tmp_path):
    torch.manual_seed(0)
    layout = Layout.of(rate)
    quantiser = fit(torch.randn(3000, layout.size), 3, rate)
    entries, _ = analysis.spectra_of(layout)
    network = analysis.SpectralEncoder(entries, layout.hop)
    network.load_state_dict(analysis.tensors_of(quantiser))
    samples = 0.1 * torch.randn(2, 12 * layout.hop)
    expected = quantiser.scale(layout.features(samples))
    torch.testing.assert_close(network(samples[:, None]).transpose(1, 2), expected, atol=2e-4, rtol=0)


def test_a_codec_without_a_trained_encoder_gives_a_recording_its_training_s_codes(made, tmp_path):
    """The features are the encoder: what a voice prompt is heard as is what the model learned from."""
    old, _ = made
    state = State(tmp_path)
    for name in ("quantiser.pt", "decoder.pt"):
        state.path(name).write_bytes(old.path(name).read_bytes())
    decoder_width = torch.load(state.path("decoder.pt"), weights_only=False)["decoder"]["model.0.weight"].shape[1]
    saved = torch.load(state.path("decoder.pt"), weights_only=False)
    for weights in (saved["decoder"], saved["ema"]):
        weights["model.0.weight"] = weights["model.0.weight"][:, : LAYOUT.size]  # the miniature's latents are wider
    torch.save(saved, state.path("decoder.pt"))
    assert decoder_width > LAYOUT.size
    checkpoint.write(state, tmp_path / "codec", 4)
    dac, quantiser = checkpoint.load(tmp_path / "codec"), Quantiser.load(state.path("quantiser.pt"))
    samples = sweep(1, 40)
    expected = quantiser.encode(quantiser.scale(LAYOUT.features(samples)))[0].T
    assert (dac.encode(samples)[0] == expected).float().mean() > 0.99
    assert not any(name.startswith("encoder.block") for name in dac.state_dict())
    initial.take(tmp_path / "codec", later := State(tmp_path / "later"))
    assert later.has("decoder.pt") and not later.has("encoder.pt")


def taken(folder, rate):
    state = State(folder)
    state.take_rate(rate)
    return state


def test_a_raised_budget_brings_the_rate_up_again():
    assert budget.decay(0.2) == 1 and budget.decay(1.0) == pytest.approx(budget.FLOOR)
    used = {"spent": 570, "step": 1000}
    assert budget.Budget(10, **used).rate() < 0.2 < 1.0 == budget.Budget(100, **used).rate()
    assert budget.Budget(0, 1050, **used).rate() < 0.2 < 1.0 == budget.Budget(0, 9999, **used).rate()


def test_a_budget_ends_with_the_first_of_minutes_and_steps():
    assert budget.used(10, 0, seconds=300, step=0) == 0.5 == budget.used(10, 100, seconds=30, step=50)
    assert budget.Budget(10, spent=600).is_used_up and budget.Budget(0, 7, step=7).is_used_up
    assert budget.Budget(0, 0).is_used_up and not budget.Budget(0, 8, step=7).is_used_up


def test_pieces_of_sound_have_one_length(made):
    state, _ = made
    assert SoundSegments(state, BOTH).batch(0, 3, 20).shape == (3, 6400)
    samples, codes, _ = CodedSegments(state, BOTH).batch(0, 3, 20)
    assert samples.shape == (3, 6400) and codes.shape == (3, 4, 20)


def test_a_step_has_its_own_pieces_of_sound_whenever_the_training_goes_on(made):
    state, _ = made

    def samples(segments, step, seed=0):
        batch = segments(state, BOTH, seed).batch(step, 3, 20)
        return batch if segments is SoundSegments else batch[0]

    for segments in (SoundSegments, CodedSegments):
        assert torch.equal(samples(segments, 7), samples(segments, 7))
        assert not torch.equal(samples(segments, 7), samples(segments, 8))
        assert not torch.equal(samples(segments, 7), samples(segments, 7, 1))


def test_pools_are_drawn_from_by_their_shares():
    recipe = Recipe.load("wideband")
    pools = pools_of(recipe, 0.4)
    assert (
        pools[0].names == ["mus", "mus2", "mus3", "mus4", "tour"]
        and "allison" not in pools[1].names
        and "fillets" in pools[1].names
    )
    assert sum(pool.share for pool in pools) == pytest.approx(1)
    drawn = Pools([Pool(["a"], 0.4), Pool(["b", "c"], 0.6)], str)
    rng = np.random.default_rng(0)
    counts = {name: sum(drawn.draw(rng) == name for _ in range(1000)) for name in "abc"}
    assert abs(counts["a"] - 400) < 60 and abs(counts["b"] - 300) < 60 and abs(counts["c"] - 300) < 60


def test_pieces_longer_than_every_clip_are_an_error(made):
    state, _ = made
    with pytest.raises(BadInput, match="codec.frames: expected at most the code frames of usual clips, found 5000"):
        CodedSegments(state, [Pool(["mini0"], 1.0)]).batch(0, 1, 5000)
