"""The declarations agree with the C header, as a C compiler reads it."""

import ctypes
import re
import subprocess
from pathlib import Path

import pytest
from unimoe_audio import _library
from unimoe_audio import _structures as c

STRUCTURES: dict[str, tuple[type[c.Sized], str]] = {
    "unimoe_engine_options": (c.EngineOptions, "UNIMOE_ENGINE_OPTIONS_INIT"),
    "unimoe_model_info": (c.ModelFacts, "UNIMOE_MODEL_INFO_INIT"),
    "unimoe_request": (c.Request, "UNIMOE_REQUEST_INIT"),
    "unimoe_mark": (c.RawMark, "UNIMOE_MARK_INIT"),
    "unimoe_stream_state": (c.StreamState, "UNIMOE_STREAM_STATE_INIT"),
}

CONSTANTS: dict[str, int] = {
    "UNIMOE_OK": c.OK,
    "UNIMOE_ERROR_ARGUMENT": c.ARGUMENT,
    "UNIMOE_ERROR_REQUEST": c.REQUEST,
    "UNIMOE_ERROR_TIMEOUT": c.TIMEOUT,
    "UNIMOE_ERROR_MODEL": c.MODEL,
    "UNIMOE_ERROR_AUDIO": c.AUDIO,
    "UNIMOE_ERROR_VOICE": c.VOICE,
    "UNIMOE_ERROR_SYSTEM": c.SYSTEM,
    "UNIMOE_ERROR_CANCELLED": c.CANCELLED,
    "UNIMOE_TASK_SPEECH": c.SPEECH,
    "UNIMOE_TASK_MUSIC": c.MUSIC,
    "UNIMOE_LOG_WARNING": c.LOG_WARNING,
    **{f"UNIMOE_PHASE_{phase.name}": phase for phase in c.Phase},
    **{f"UNIMOE_END_{end.name}": end for end in c.End},
    **{f"UNIMOE_MARK_{kind.name}": kind for kind in c.MarkKind},
}


@pytest.fixture(scope="module")
def header(tree: Path) -> str:
    return (tree / "include/unimoe_audio.h").read_text()


@pytest.fixture(scope="module")
def facts(tree: Path, header: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a C program prints of sizes, offsets, initial bytes and constants: `{name: value}`."""
    lines = []
    for name, (_, initial) in STRUCTURES.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        for field in fields_of(header, name):
            lines.append(f'printf("{name}.{field} %zu %zu\\n", {offset_and_size(name, field)});')
        lines.append(
            f'static const {name} initial_{name} = {initial}; bytes("{initial}", &initial_{name}, sizeof({name}));'
        )
    lines += [f'printf("{name} %d\\n", (int){name});' for name in CONSTANTS]
    folder = tmp_path_factory.mktemp("header")
    source = folder / "facts.c"
    source.write_text(
        "#include <stddef.h>\n#include <stdio.h>\n#include <unimoe_audio.h>\n"
        "static void bytes(const char *name, const void *value, size_t size) {\n"
        '  printf("%s ", name);\n'
        '  for (size_t i = 0; i < size; i++) printf("%02x", ((const unsigned char *)value)[i]);\n'
        '  printf("\\n");\n}\n'
        "int main(void) {\n" + "\n".join(lines) + "\n}\n"
    )
    subprocess.run(["gcc", "-std=c11", f"-I{tree / 'include'}", source, "-o", folder / "facts"], check=True)
    printed = subprocess.run([folder / "facts"], check=True, capture_output=True, text=True).stdout
    return dict(line.split(" ", 1) for line in printed.splitlines())


def offset_and_size(name: str, field: str) -> str:
    return f"offsetof({name}, {field}), sizeof((({name} *)0)->{field})"


def fields_of(header: str, name: str) -> list[str]:
    """The fields that the header declares, in order."""
    found = re.search(rf"typedef struct {name} {{(.*?)}} {name};", header, re.DOTALL)
    assert found
    without_comments = re.sub(r"/\*.*?\*/", "", found.group(1), flags=re.DOTALL)
    return re.findall(r"(\w+);", without_comments)


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_structure_has_the_headers_fields_at_the_headers_places(
    name: str, header: str, facts: dict[str, str]
) -> None:
    structure, _ = STRUCTURES[name]
    names = [field[0] for field in structure._fields_]
    assert names == fields_of(header, name)
    assert ctypes.sizeof(structure) == int(facts[name])
    for field in names:
        place = getattr(structure, field)
        assert f"{place.offset} {place.size}" == facts[f"{name}.{field}"], field


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_new_structure_is_the_headers_initial_one(name: str, facts: dict[str, str]) -> None:
    structure, initial = STRUCTURES[name]
    assert bytes(structure()).hex() == facts[initial]


def test_all_structures_of_the_header_are_declared(header: str) -> None:
    assert set(re.findall(r"typedef struct (\w+) {", header)) == STRUCTURES.keys()


def test_the_constants_are_the_headers(facts: dict[str, str]) -> None:
    assert {name: int(facts[name]) for name in CONSTANTS} == CONSTANTS


def test_every_status_phase_end_and_mark_of_the_header_is_known(header: str) -> None:
    named = set(re.findall(r"#define (UNIMOE_(?:OK|ERROR|TASK|PHASE|END|MARK)\w*) +\d+", header))
    assert named <= CONSTANTS.keys()


def test_functions_take_as_many_arguments_as_the_header_says(header: str) -> None:
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    for name, (_, arguments) in _library.FUNCTIONS.items():
        found = re.search(rf"\b{name}\(([^;]*?)\)[^()]*;", code)
        assert found, name
        taken = [] if found.group(1) == "void" else found.group(1).split(",")
        assert len(arguments) == len(taken), name
