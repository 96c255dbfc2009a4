"""An exported model: complete, and read and continued code for code by the engine."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from miniature import make_state
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from unimoe_train.cli import main
from unimoe_train.codec import analysis
from unimoe_train.codec.checkpoint import load as load_codec
from unimoe_train.codec.checkpoint import with_weight_norm
from unimoe_train.codec.dac import DAC, DACConfiguration
from unimoe_train.codec.features import Layout
from unimoe_train.codec.quantiser import fit
from unimoe_train.curriculum.integrate import as_mixture
from unimoe_train.curriculum.snapshot import load_model
from unimoe_train.export.checkpoint import export
from unimoe_train.export.configuration import generation_configuration, mrope_section
from unimoe_train.export.voices import voice_sets
from unimoe_train.generate import Generator, Voice
from unimoe_train.model import checkpoint
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.plan.channels import SPEECH_CHANNELS
from unimoe_train.recipe import FOLDER, ExportRecipe, Recipe, SamplingDefaults
from unimoe_train.state import State
from unimoe_train.tokenizer import Tokenizer

REPOSITORY = Path(__file__).resolve().parents[2]
CANDIDATES = [
    os.environ.get("UNIMOE_AUDIO_PROGRAM"),
    REPOSITORY / "build/unimoe-audio",
    REPOSITORY / ".build/debug/unimoe-audio",
]
PROGRAM = next((path for path in CANDIDATES if path and Path(path).exists()), None)
needs_engine = pytest.mark.skipif(PROGRAM is None, reason="the engine is not built: make build")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The miniature, which has a plan, trained for 20 steps and exported by the commands, with a random codec."""
    folder = tmp_path_factory.mktemp("exported")
    State(folder / "state").path("lexicon.bin").write_bytes(b"how words sound")
    return trained(folder, "miniature")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The same without a plan, as published models are."""
    folder = tmp_path_factory.mktemp("plain")
    recipe = folder / "miniature.toml"
    recipe.write_text((FOLDER / "miniature.toml").read_text().replace("plan = true\n", ""))
    return trained(folder, str(recipe))


def trained(folder: Path, recipe: str, *options: str) -> Path:
    make_state(folder / "state", Recipe.load(recipe))
    codec(folder / "codec", 3)
    common = ["--recipe", recipe, "--state", str(folder / "state"), "--threads", "1"]
    main(["naive", *common, "--steps", "20"])
    output = ["--stage", "naive", "--output", str(folder / "model"), "--codec", str(folder / "codec")]
    main(["export", *common, *output, *options])
    return folder / "model"


def codec(folder: Path, codebooks: int, **sizes) -> None:
    torch.manual_seed(0)
    configuration = DACConfiguration(encoder_dim=4, decoder_dim=32, n_codebooks=codebooks, **sizes)
    write_codec(DAC(configuration), folder)


def write_codec(dac: DAC, folder: Path) -> None:
    folder.mkdir()
    save_file({k: v.contiguous() for k, v in with_weight_norm(dac.state_dict()).items()}, folder / "model.safetensors")
    configuration = dac.configuration
    (folder / "config.json").write_text(json.dumps({**vars(configuration), "latent_dim": configuration.latent_dim}))


def test_directory_is_complete(exported):
    assert {path.name for path in exported.iterdir()} == {
        "README.md",
        "added_tokens.json",
        "codec",
        "config.json",
        "generation_config.json",
        "lexicon.bin",
        "merges.txt",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "preprocessor_config.json",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "training.json",
        "vocab.json",
        "voices",
    }
    model = checkpoint.load(exported)
    assert model.configuration.codebooks == 3 and model.configuration.delay == [3, 4, 5]
    assert "| naive | 20 |" in (exported / "README.md").read_text()
    defaults = json.loads((exported / "generation_config.json").read_text())["unimoe_audio"]
    assert defaults["speech"]["max_tokens"] == 40 and defaults["music"]["cfg_scale"] == 2.0
    assert "max_text_characters" not in defaults["speech"]  # the recipe does not say
    with safe_open(exported / "voices" / "mini.safetensors", "pt") as voice:
        assert voice.metadata()["format"] == "unimoe-audio-voice" and voice.metadata()["transcript"].endswith(".")
        assert voice.get_tensor("codes").dtype == torch.int32 and voice.get_tensor("codes").shape[1] == 3
        assert voice.metadata()["version"] == "2" and voice.metadata()["plan_phonemes"].split()[:2] == ["SIL", "AA0"]
        assert voice.get_tensor("plan").shape == (len(voice.get_tensor("codes")), 3)
        assert voice.get_tensor("plan").dtype == torch.int32 and voice.get_tensor("plan")[0, 0] == 0
    assert defaults["speech"]["walk"]["spread"] == 0.2 and "walk" not in defaults["music"]
    plan = json.loads((exported / "config.json").read_text())["plan"]
    assert plan["version"] == 1 and [channel["name"] for channel in plan["channels"]][:3] == list(SPEECH_CHANNELS)
    assert (exported / "lexicon.bin").read_bytes() == b"how words sound"
    assert "CMU Pronouncing Dictionary" in (exported / "README.md").read_text()


def test_without_a_plan_nothing_tells_of_one(plain):
    assert not (plain / "lexicon.bin").exists() and "plan" not in json.loads((plain / "config.json").read_text())
    with safe_open(plain / "voices" / "mini.safetensors", "pt") as voice:
        assert voice.metadata()["version"] == "1" and list(voice.keys()) == ["codes"]
    assert not [name for name in checkpoint.shards(plain) if name.startswith("plan_")]


def test_how_much_a_model_can_is_told_where_the_recipe_knows_it(exported):
    recipe = ExportRecipe(max_text_characters=75, max_voice_seconds=3.5, max_music_seconds=8.0)
    defaults = generation_configuration(recipe, Tokenizer(exported), planned=False)["unimoe_audio"]
    assert defaults["speech"]["max_text_characters"] == 75 and defaults["speech"]["max_voice_seconds"] == 3.5
    assert defaults["music"]["max_music_seconds"] == 8.0
    assert not {"max_text_characters", "max_voice_seconds"} & set(defaults["music"])
    assert "max_music_seconds" not in defaults["speech"]


def test_axes_share_a_head_as_published():
    assert mrope_section(128) == [16, 24, 24] and mrope_section(16) == [2, 3, 3]
    assert all(sum(mrope_section(d)) == d // 2 for d in range(2, 200, 2))


def test_a_dense_model_is_exported_as_a_mixture_of_one_expert(tmp_path):
    recipe = Recipe.load("miniature")
    state = make_state(tmp_path, recipe)
    codec(tmp_path / "codec", 3)
    main(["specialists", "--only", "base", "--recipe", "miniature", "--state", str(tmp_path), "--threads", "1"])
    export(recipe, state, "base", tmp_path / "model", codec_directory=tmp_path / "codec")
    dense, mixture = load_model(state.checkpoint("base")), checkpoint.load(tmp_path / "model")
    assert mixture.configuration.experts == 1 and mixture.configuration.null_experts == 0
    ids = torch.randint(0, 256, (2, 30))
    with torch.no_grad():
        expected, found = (model.run(model.embed(ids, None)) for model in (dense, mixture))
        rounded = as_mixture(dense)
        torch.testing.assert_close(rounded.run(rounded.embed(ids, None)), expected, atol=1e-4, rtol=1e-4)
    assert (found - expected).abs().mean() < 0.02  # stored in bfloat16


@needs_engine
def test_the_engine_describes_it(plain):
    facts = json.loads(run("info", "--json", model=plain))
    assert facts["codebooks"] == 3


@needs_engine
@pytest.mark.parametrize("task", ["speech", "music"])
def test_the_engine_continues_it_code_for_code(plain, task, tmp_path):
    text = "The red birds saw our old house." if task == "speech" else "two slow birds, a mat"
    command = ["speak", text, "--voice", "mini"] if task == "speech" else ["compose", text]
    seconds, guidance = 1.0, 1.5
    run(
        *command,
        "--greedy",
        "--guidance",
        str(guidance),
        "--min-seconds",
        str(seconds),
        "--max-seconds",
        str(seconds),
        "-o",
        str(tmp_path / "a.wav"),
        "--codes",
        str(tmp_path / "a.json"),
        "-q",
        model=plain,
    )
    (found,) = json.loads((tmp_path / "a.json").read_text())

    generator = Generator(checkpoint.load(plain), Tokenizer(plain))
    frames = round(seconds * 50)
    sampling = SamplingDefaults(
        cfg_scale=guidance,
        do_sample=False,
        min_tokens=frames,
        max_tokens=frames + generator.model.configuration.maximum_delay + 1,
    )
    if task == "speech":
        with safe_open(plain / "voices" / "mini.safetensors", "pt") as file:
            voice = Voice(file.metadata()["transcript"], file.get_tensor("codes").numpy().astype(np.int64))
        (result,) = generator.speak([text], voice, sampling)
    else:
        (result,) = generator.compose([text], sampling)
    assert len(found) == len(result.codes) == frames
    assert found == result.codes.tolist()


def run(*arguments: str, model: Path) -> str:
    finished = subprocess.run(
        [str(PROGRAM), *arguments, "--model", str(model)], check=False, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@needs_engine
@pytest.mark.parametrize("encoder", ["network", "spectra"])
def test_the_engine_runs_a_codec_of_24_khz(plain, tmp_path, monkeypatch, encoder):
    """Strides and rate are the codec's: a recording gets PyTorch's codes, and what is spoken has the codec's rate."""
    model, recording = tmp_path / "model", tmp_path / "recording.wav"
    shutil.copytree(plain, model)
    shutil.rmtree(model / "codec")
    sizes = {"encoder_rates": (2, 4, 6, 10), "decoder_rates": (10, 6, 4, 2), "sample_rate": 24000}
    if encoder == "network":
        codec(model / "codec", 3, **sizes)
    else:
        layout = Layout.of(24000)
        torch.manual_seed(0)
        entries = tuple(map(vars, analysis.spectra_of(layout)[0]))
        dac = DAC(DACConfiguration(encoder_dim=1, decoder_dim=32, n_codebooks=3, analysis=entries, **sizes))
        dac.encoder.load_state_dict(analysis.tensors_of(fit(torch.randn(3000, layout.size), 1, 24000)))
        write_codec(dac, model / "codec")
    noise = np.random.default_rng(0).standard_normal(24 * 480) * np.linspace(0.05, 0.3, 24 * 480)
    soundfile.write(recording, noise, 24000, subtype="FLOAT")
    heard = soundfile.read(recording, dtype="float32")[0]
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    run("voice", "add", "noise", "--audio", str(recording), "--transcript", "A noise.", model=model)
    with safe_open(next((tmp_path / "data").rglob("noise*.safetensors")), "pt") as voice:
        codes = voice.get_tensor("codes").T
    expected = load_codec(model / "codec").encode(torch.from_numpy(heard)[None])[0]
    assert codes.shape == expected.shape and (codes == expected).float().mean() > 0.98
    run("speak", "A cat sat.", "--voice", "mini", "-o", str(tmp_path / "a.wav"), model=model)
    assert soundfile.info(tmp_path / "a.wav").samplerate == 24000
    assert soundfile.info(tmp_path / "a.wav").frames % 480 == 0


def test_fine_tuning_starts_from_the_published_layout_and_returns_to_it(reference, tmp_path, capsys):
    """The reference's miniature of the real checkpoint, 12 codebooks and vision tensors included."""
    source = reference / "tiny-model"
    recipe = (REPOSITORY / "training/recipes/miniature.toml").read_text()
    path = tmp_path / "fine.toml"
    path.write_text(recipe.replace("codebooks = 4", "codebooks = 12").replace("codebooks = 3", "codebooks = 12"))
    make_state(tmp_path / "state", Recipe.load(str(path)))
    common = ["--recipe", str(path), "--state", str(tmp_path / "state"), "--threads", "1"]
    main(["joint", *common, "--initial", str(source), "--steps", "2"])
    output = ["--output", str(tmp_path / "model"), "--codec", str(reference / "dac-tiny")]
    with pytest.raises(SystemExit):
        main(["export", *common, *output])
    assert "--source: expected the checkpoint that the training began with" in capsys.readouterr().err
    main(["export", *common, *output, "--source", str(source)])
    before, after = tensors(source), tensors(tmp_path / "model")
    assert before.keys() == after.keys()
    assert all(torch.equal(before[k], after[k]) for k in before if k.startswith(("visual.", "lm_head.")))
    assert any(not torch.equal(before[k], after[k]) for k in before)
    assert ModelConfiguration.from_published(source) == ModelConfiguration.from_published(tmp_path / "model")


def test_a_training_that_goes_on_tells_what_came_before(exported, tmp_path):
    make_state(tmp_path / "state", Recipe.load("miniature"))
    common = ["--recipe", "miniature", "--state", str(tmp_path / "state"), "--threads", "1"]
    main(["joint", *common, "--initial", str(exported), "--steps", "2"])
    main(["export", *common, "--output", str(tmp_path / "model"), "--codec", str(exported / "codec")])
    stages = json.loads((tmp_path / "model" / "training.json").read_text())
    assert [(stage["stage"], stage["steps"]) for stage in stages] == [("naive", 20), ("joint", 2)]
    assert "| naive | 20 |" in (tmp_path / "model" / "README.md").read_text()


def test_a_state_folder_takes_one_origin_only(exported, tmp_path):
    make_state(tmp_path / "state", Recipe.load("miniature"))
    common = ["--recipe", "miniature", "--state", str(tmp_path / "state"), "--threads", "1"]
    main(["joint", *common, "--initial", str(exported), "--steps", "2"])
    other = tmp_path / "other"
    shutil.copytree(exported, other)
    weights = sorted(other.glob("model-*.safetensors"))[0]
    save_file({name: tensor + 1 for name, tensor in load_file(weights).items()}, weights)
    with pytest.raises(SystemExit):
        main(["joint", *common, "--initial", str(other), "--steps", "4"])


def test_voices_ship_whose_sets_are_made_and_used():
    recipe = Recipe.load("wideband")
    recipe.data.only = ["heart0", "heart1", "joe0", "kokoatest"]
    assert voice_sets(recipe) == {"heart": ["heart0", "heart1"], "joe": ["joe0"]}


def begun(exported: Path, folder: Path, *recipe: str) -> list[str]:
    """The common options of a training that went on from an exported model, in folder/state."""
    make_state(folder / "state", Recipe.load(*recipe or ["miniature"]))
    common = ["--recipe", *(recipe or ["miniature"]), "--state", str(folder / "state"), "--threads", "1"]
    main(["joint", *common, "--initial", str(exported), "--steps", "2"])
    return common


def test_a_model_is_replaced_whole_even_by_what_it_is_made_of(exported, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(exported, model)
    (model / "model-00003-of-00003.safetensors").write_text("of an export with more shards")
    common = begun(model, tmp_path)
    before = tensors(exported)
    main(["export", *common, "--output", str(model), "--source", str(model), "--codec", str(model / "codec")])
    assert {path.name for path in model.iterdir()} == {path.name for path in exported.iterdir()}
    assert [path.name for path in (model / "voices").iterdir()] == ["mini.safetensors"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert any(not torch.equal(before[name], tensor) for name, tensor in tensors(model).items())


def test_what_no_export_wrote_stays(exported, tmp_path):
    model, added = tmp_path / "model", {"mine/letter.txt", "voices/added.safetensors", "codec/note.txt", "link"}
    shutil.copytree(exported, model)
    (model / "mine").mkdir()
    for name in ("mine/letter.txt", "codec/note.txt"):
        (model / name).write_text("Dear reader")
    save_file({"codes": torch.zeros(4, 3)}, model / "voices/added.safetensors", metadata={"created_by": "unimoe-audio"})
    (model / "link").symlink_to(tmp_path)
    common = begun(exported, tmp_path)
    for _ in range(2):
        main(["export", *common, "--output", str(model), "--codec", str(exported / "codec")])
        found = {str(path.relative_to(model)) for path in model.rglob("*") if path.is_file() or path.is_symlink()}
        assert added <= found and (model / "link").is_symlink()
        assert (model / "mine/letter.txt").read_text() == "Dear reader"


def test_an_added_voice_is_not_replaced_by_one_of_its_name(exported, tmp_path, capsys):
    model = tmp_path / "model"
    shutil.copytree(exported, model)
    voice = model / "voices" / "mini.safetensors"
    save_file({"codes": torch.zeros(4, 3)}, voice, metadata={"created_by": "unimoe-audio"})
    before = voice.read_bytes()
    common = begun(exported, tmp_path)
    with pytest.raises(SystemExit):
        main(["export", *common, "--output", str(model), "--codec", str(exported / "codec")])
    assert f"{voice}: expected a file that an export wrote" in capsys.readouterr().err
    assert voice.read_bytes() == before


@pytest.mark.parametrize("stranger", ["letter.txt", "config.json", "training.json"])
def test_a_folder_that_is_no_export_is_refused(stranger, exported, tmp_path, capsys):
    common = begun(exported, tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / stranger).write_text('{"model_type": "another"}')
    with pytest.raises(SystemExit):
        main(["export", *common, "--output", str(tmp_path / "mine"), "--codec", str(exported / "codec")])
    assert "expected nothing yet, or an earlier export" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == [stranger]


@pytest.mark.parametrize(
    "wrong, says",
    [
        ("nothing", "config.json: cannot be read"),
        ("model", "config.json: n_codebooks: expected a codec's configuration"),
        ("cut", "model.safetensors: cannot be read"),
        ("other sizes", "model.safetensors: expected the tensors of the codec"),
        ("few codebooks", "expected a codec of 16000 Hz and at least 3 codebooks, found 16000 Hz and 2"),
        ("other rate", "expected a codec of 16000 Hz and at least 3 codebooks, found 24000 Hz and 3"),
    ],
)
def test_a_codec_that_is_none_or_does_not_fit_is_refused(wrong, says, exported, tmp_path, capsys):
    common, folder = begun(exported, tmp_path), tmp_path / "codec"
    if wrong == "nothing":
        folder.mkdir()
    elif wrong == "model":
        folder = exported
    elif wrong == "few codebooks":
        codec(folder, 2)
    elif wrong == "other rate":
        codec(folder, 3, encoder_rates=(2, 4, 6, 10), decoder_rates=(10, 6, 4, 2), sample_rate=24000)
    else:
        codec(folder, 3)
        weights = folder / "model.safetensors"
        if wrong == "cut":
            weights.write_bytes(weights.read_bytes()[:1000])
        else:
            table = json.loads((folder / "config.json").read_text())
            (folder / "config.json").write_text(json.dumps({**table, "decoder_dim": 64}))
    with pytest.raises(SystemExit):
        main(["export", *common, "--output", str(tmp_path / "new"), "--codec", str(folder)])
    assert says in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_what_was_not_trained_is_taken_over_though_the_model_before_has_gone(exported, tmp_path):
    old, recipe = tmp_path / "old", tmp_path / "own.toml"
    shutil.copytree(exported, old)
    shutil.copyfile(old / "voices" / "mini.safetensors", old / "voices" / "before.safetensors")
    shutil.copyfile(old / "voices" / "mini.safetensors", old / "voices" / "default.safetensors")
    text = (FOLDER / "miniature.toml").read_text().replace("voices.mini]", "voices.own]")
    recipe.write_text(text[: text.index("[export]")] + "[export.music]\ncfg_scale = 3.0\n")
    defaults = json.loads((old / "generation_config.json").read_text())
    defaults["unimoe_audio"]["speech"] |= {"max_text_characters": 75, "cfg_filter_top_k": None}
    defaults["unimoe_audio"]["speech"]["walk"]["spread"] = 0.1
    (old / "generation_config.json").write_text(json.dumps(defaults))
    common = begun(old, tmp_path, str(recipe))
    kept = {path.name: path.read_bytes() for path in (old / "voices").iterdir()}
    codec(tmp_path / "codec", 3)
    shutil.rmtree(old)
    main(["export", *common, "--output", str(tmp_path / "model"), "--codec", str(tmp_path / "codec")])
    new = {path.name: path.read_bytes() for path in (tmp_path / "model" / "voices").iterdir()}
    assert new.keys() == {*kept, "own.safetensors"} and all(new[name] == kept[name] for name in kept)
    found = json.loads((tmp_path / "model" / "generation_config.json").read_text())["unimoe_audio"]
    assert found["speech"] == defaults["unimoe_audio"]["speech"]
    assert found["music"] == defaults["unimoe_audio"]["music"] | {"cfg_scale": 3.0}  # the recipe tells it
    assert (tmp_path / "model" / "lexicon.bin").read_bytes() == b"how words sound"
    card = (tmp_path / "model" / "README.md").read_text()
    assert "`own`, `before`, `mini`" in card and "### Before" in card


def test_a_recipe_may_name_a_voice_of_the_model_before_as_the_default(exported, tmp_path):
    recipe = tmp_path / "own.toml"
    text = (FOLDER / "miniature.toml").read_text().replace("voices.mini]", "voices.own]")
    recipe.write_text(text.replace("[export]\n", '[export]\ndefault_voice = "mini"\n'))
    common = begun(exported, tmp_path, str(recipe))
    main(["export", *common, "--output", str(tmp_path / "model"), "--codec", str(exported / "codec")])
    voices = tmp_path / "model" / "voices"
    assert (voices / "default.safetensors").read_bytes() == (voices / "mini.safetensors").read_bytes()


def tensors(directory: Path) -> dict:
    files = set(checkpoint.shards(directory).values())
    return {name: value for path in files for name, value in load_file(path).items()}
