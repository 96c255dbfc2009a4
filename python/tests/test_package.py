"""The package as a whole."""

import importlib.metadata
import inspect
from pathlib import Path

import unimoe_audio


def test_the_wheels_version_is_the_librarys() -> None:
    assert importlib.metadata.version("unimoe-audio") == unimoe_audio.__version__ == unimoe_audio.version()


def test_every_public_name_and_method_has_words_about_it() -> None:
    for name in unimoe_audio.__all__:
        value = getattr(unimoe_audio, name)
        assert value.__doc__, name
        for method, function in inspect.getmembers(value, inspect.isfunction):
            if not method.startswith("_"):
                assert function.__doc__, f"{name}.{method}"


def test_what_is_tested_is_the_installed_package(tree: Path) -> None:
    assert tree not in Path(unimoe_audio.__file__).parents
    assert Path(unimoe_audio.__file__).with_name("py.typed").exists()
