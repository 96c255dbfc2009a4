"""What Tests/structure/run finds, on trees made for it: python3 -m unittest discover Tests/structure"""

import pathlib
import subprocess
import tempfile
import unittest

RUN = pathlib.Path(__file__).with_name("run")


def check(files, order):
    """Exit status and errors of a run over a tree of these files with these folders in order."""
    with tempfile.TemporaryDirectory() as name:
        tree = pathlib.Path(name)
        for path, text in files.items():
            (tree / "engine" / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / "engine" / path).write_text(text)
        table = "\n".join(f"| `{folder}` | … |" for folder in order)
        (tree / "order.md").write_text(f"## The engine's folders\n\n{table}\n")
        command = [str(RUN), "--engine", str(tree / "engine"), "--order", str(tree / "order.md")]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        return result.returncode, result.stderr


class StructureTests(unittest.TestCase):
    def test_use_of_a_folder_that_comes_before_is_allowed(self):
        files = {"Files/File.swift": "struct File {}", "Audio/Clip.swift": "struct Clip { let file: File }"}
        self.assertEqual(check(files, ["Files/", "Audio/"]), (0, ""))

    def test_use_of_a_type_that_comes_after_is_named(self):
        files = {"Files/File.swift": "struct File { var clip: Clip? }", "Audio/Clip.swift": "public struct Clip {}"}
        status, errors = check(files, ["Files/", "Audio/"])
        self.assertEqual(status, 1)
        self.assertIn("Files uses Audio, which comes after it: Clip in Files/File.swift", errors)

    def test_a_circle_is_named_even_through_a_third_folder(self):
        files = {
            "A/A.swift": "struct A { let b: B }",
            "B/B.swift": "struct B { let text = name() }",
            "C/C.swift": "func name() -> String { A.title }",
        }
        self.assertIn("circle: A, B, C", check(files, ["A/", "B/", "C/"])[1])

    def test_a_member_that_a_folder_adds_to_another_folders_type_is_a_use(self):
        files = {
            "Files/File.swift": "struct File {}\nfunc play(_ file: File) { file.hum() }",
            "Audio/File+Audio.swift": "extension File {\n  func hum() {}\n}",
        }
        self.assertIn(".hum in Files/File.swift", check(files, ["Files/", "Audio/"])[1])

    def test_comments_and_strings_are_no_use_but_interpolations_are(self):
        innocent = '// See Clip.\nstruct File { let text = "Clip \\(1)" }'
        guilty = 'struct File { let text = "sound \\(Clip.name) (of Clip)" }'
        clip = {"Audio/Clip.swift": "enum Clip { static let name = 1 }"}
        self.assertEqual(check({"Files/File.swift": innocent} | clip, ["Files/", "Audio/"])[0], 0)
        self.assertEqual(check({"Files/File.swift": guilty} | clip, ["Files/", "Audio/"])[0], 1)

    def test_a_private_or_nested_name_is_not_the_other_folders(self):
        files = {
            "Files/File.swift": "struct File {\n  struct Place {}\n  let place: Place\n}",
            "Audio/Place.swift": "struct Place {}",
            "Audio/Hidden.swift": "private struct File {}",
        }
        self.assertEqual(check(files, ["Files/", "Audio/"]), (0, ""))

    def test_a_folder_without_a_place_is_named(self):
        self.assertIn("Files has no place", check({"Files/File.swift": "struct File {}"}, ["Audio/"])[1])


if __name__ == "__main__":
    unittest.main()
