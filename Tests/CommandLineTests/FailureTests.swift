import Foundation
import Testing

@testable import unimoe_audio

/// Whatever is wrong with what a user asks for gives one line that says what would be right, the exit code that is
/// documented, and no file.
@Suite struct FailureTests {
  /// One thing gone wrong.
  struct Case: CustomTestStringConvertible {
    var arguments: [String]
    var status: unimoe_audio.ExitStatus
    /// The line on standard error without the program's name; `{model}` and `{folder}` stand for their paths.
    var line: String
    var input: [UInt8] = []
    /// A shell line around the program, which is `"$@"`.
    var shell: String?
    /// Whether the model is named.
    var hasModel = true

    var testDescription: String { (shell.map { "(\($0)) " } ?? "") + arguments.joined(separator: " ") }
  }

  static let text: [Case] = [
    Case(arguments: ["speak", ""], status: .badData, line: "text: expected at least one word, found nothing"),
    Case(arguments: ["compose", " \n\t "], status: .badData, line: "text: expected at least one word, found nothing"),
    Case(arguments: ["speak"], status: .badData, line: "standard input: expected at least one word, found nothing"),
    Case(
      arguments: ["speak", "-"], status: .badData,
      line: "standard input: expected UTF-8 text, found byte 0xFF at offset 5",
      input: [0x47, 0x75, 0x74, 0xC3, 0xA9, 0xFF, 0x21]),
    Case(
      arguments: ["compose", "-f", "-"], status: .badData,
      line: "standard input: expected UTF-8 text, found byte 0xC3 at offset 1", input: [0x61, 0xC3]),
    Case(
      arguments: ["speak"], status: .badData, line: "argument 2: expected UTF-8 text, found other bytes",
      shell: "exec \"$@\" \"$(printf 'a\\377')\""),
    Case(
      arguments: ["speak", "--file", "missing.txt"], status: .noInput,
      line: "missing.txt: cannot read: No such file or directory"),
    Case(
      arguments: ["speak", "… ?! — ♪"], status: .badData,
      line: "text: expected letters or digits, found neither; --characters speaks signs by their names"),
    Case(arguments: ["speak", "--file", "."], status: .noInput, line: ".: cannot read: Is a directory"),
    Case(
      arguments: ["speak", "Hello.", "--file", "text.txt"], status: .usage,
      line: "text: expected words or --file, found both"),
  ]

  static let options: [Case] = [
    Case(
      arguments: ["compose", "Strings.", "--rate", "-8000"], status: .usage,
      line: "--rate: expected 1000 to 384000 Hz, found -8000"),
    Case(
      arguments: ["speak", "Hello.", "--rate", "0"], status: .usage,
      line: "--rate: expected 1000 to 384000 Hz, found 0"),
    Case(
      arguments: ["compose", "Strings.", "--rate", "x"], status: .usage,
      line: "The value 'x' is invalid for '--rate <hertz>' (see 'unimoe-audio compose --help')"),
    Case(
      arguments: ["speak", "Hello.", "--temperature", "-1"], status: .usage,
      line: "--temperature: expected a number of at least 0, found -1.0"),
    Case(
      arguments: ["speak", "Hello.", "--guidance", "nan"], status: .usage,
      line: "--guidance: expected a number of at least 0, found nan"),
    Case(
      arguments: ["speak", "Hello.", "--top-k", "-3"], status: .usage, line: "--top-k: expected at least 0, found -3"),
    Case(arguments: ["speak", "Hello.", "--top-p", "2"], status: .usage, line: "--top-p: expected 0 to 1, found 2.0"),
    Case(
      arguments: ["speak", "Hello.", "--max-seconds", "0"], status: .usage,
      line: "--max-seconds: expected more than 0 and at most 3600 seconds, found 0.0"),
    Case(
      arguments: ["speak", "Hello.", "--min-seconds", "3", "--max-seconds", "2"], status: .usage,
      line: "--min-seconds: expected at most --max-seconds, 2.0 seconds, found 3.0"),
    Case(
      arguments: ["compose", "Strings.", "--seconds", "3", "--max-seconds", "2"], status: .usage,
      line: "--seconds: cannot be combined with --min-seconds or --max-seconds"),
    Case(
      arguments: ["compose", "Strings.", "--threads", "0"], status: .usage,
      line: "--threads: expected 1 to 256, found 0"),
    Case(
      arguments: ["compose", "Strings.", "--json", "-o", "-"], status: .usage,
      line: "--json: expected --output to name a file, found standard output, where the JSON goes"),
    Case(
      arguments: ["compose", "Strings.", "--json", "-o", "a.wav", "--codes", "/dev/stdout"], status: .usage,
      line: "--json: expected --codes to name a file, found standard output, where the JSON goes"),
    Case(
      arguments: ["routes", "Strings.", "--music", "--voice", "anna"], status: .usage,
      line: "--voice: cannot be combined with --music"),
    Case(
      arguments: ["speek", "Hello."], status: .usage,
      line: "speek: no such command; the commands are "
        + UniMoEAudioCommand.configuration.subcommands.compactMap { $0.configuration.commandName }.joined(
          separator: ", ")),
    Case(
      arguments: ["speak", "Hello.", "--voise", "anna"], status: .usage,
      line: "Unknown option '--voise'. Did you mean '--voice'? (see 'unimoe-audio speak --help')"),
  ]

  /// One file named twice, or named for what is read.
  static let same: [Case] = [
    Case(
      arguments: ["compose", "Strings.", "-o", "a.wav", "--codes", "./a.wav"], status: .usage,
      line: "--codes: ./a.wav is also the file of --output: name another file"),
    Case(
      arguments: ["compose", "Strings.", "-o", "a.wav", "--codes", "../here//a.wav"], status: .usage,
      line: "--codes: ../here//a.wav is also the file of --output: name another file"),
    Case(
      arguments: ["compose", "Strings.", "-o", "-", "--codes", "-"], status: .usage,
      line: "--codes: standard output is also the file of --output: name another file"),
    Case(
      arguments: ["compose", "Strings.", "-o", "-", "--codes", "a"], status: .usage,
      line: "--codes: a is also the file of --output: name another file",
      shell: "\"$@\" > a; code=$?; rm a; exit $code"),
    Case(
      arguments: ["compose", "--file", "text.txt", "--codes", "link"], status: .usage,
      line: "--codes: link is also the text that is read: name another file",
      shell: "echo Strings. > text.txt; ln -s text.txt link; \"$@\"; code=$?; rm text.txt link; exit $code"),
    Case(
      arguments: ["compose", "--file", "text.wav", "-o", "hard.wav"], status: .usage,
      line: "--output: hard.wav is also the text that is read: name another file",
      shell: "echo Strings. > text.wav; ln text.wav hard.wav; \"$@\"; code=$?; rm text.wav hard.wav; exit $code"),
    Case(
      arguments: ["compose", "--codes", "text.txt"], status: .usage,
      line: "--codes: text.txt is also the text that is read: name another file",
      shell: "echo Strings. > text.txt; \"$@\" < text.txt; code=$?; rm text.txt; exit $code"),
    Case(
      arguments: ["compose", "Strings.", "--codes", "{model}/config.json"], status: .usage,
      line: "--codes: {model}/config.json is also a file of the model: name another file"),
    Case(
      arguments: ["compose", "Strings.", "--codes", "c"], status: .usage,
      line: "--codes: c is also a file of the model: name another file",
      shell: "ln -s \"$UNIMOE_AUDIO_MODEL\"/codec/config.json c; \"$@\"; code=$?; rm c; exit $code"),
    Case(
      arguments: ["routes", "--music", "--file", "text.svg", "--svg", "./text.svg"], status: .usage,
      line: "--svg: ./text.svg is also the text that is read: name another file",
      shell: "echo Strings. > text.svg; \"$@\"; code=$?; rm text.svg; exit $code"),
  ]

  static let models: [Case] = [
    Case(
      arguments: ["speak", "Hello.", "--model", "nowhere"], status: .noInput,
      line: "nowhere: --model: expected a model directory with a config.json, found No such file or directory",
      hasModel: false),
    Case(
      arguments: ["compose", "Strings."], status: .noInput,
      line:
        "nowhere: UNIMOE_AUDIO_MODEL: expected a model directory with a config.json, found No such file or directory",
      shell: "UNIMOE_AUDIO_MODEL=nowhere exec \"$@\"", hasModel: false),
    Case(
      arguments: ["info"], status: .noInput,
      line: "model: none found; looked at /nonexistent/.local/share/unimoe-audio/models/default (the user's), "
        + "{folder}/share/unimoe-audio/models/default (installed); "
        + "name a model directory with --model or UNIMOE_AUDIO_MODEL",
      shell: "mkdir bin; cp \"$1\" bin/program; shift; bin/program \"$@\"; code=$?; rm -r bin; exit $code",
      hasModel: false),
    Case(
      arguments: ["info", "--model", "broken"], status: .badData, line: "broken/config.json: text_config: missing",
      shell: "mkdir broken; echo '{}' > broken/config.json; \"$@\"; code=$?; rm -r broken; exit $code", hasModel: false),
  ]

  static let outputs: [Case] = [
    Case(
      arguments: ["compose", "Strings.", "-o", "music.mp3"], status: .usage,
      line: "--output: expected a name that ends in .wav or .flac, found music.mp3"),
    Case(
      arguments: ["compose", "Strings.", "-o", "nowhere/music.wav"], status: .cannotCreate,
      line: "nowhere/music.wav: no directory nowhere: create it or name another"),
    Case(
      arguments: ["compose", "Strings.", "-o", "{model}"], status: .cannotCreate,
      line: "{model}: expected a file name, found a directory"),
    Case(
      arguments: ["compose", "Strings.", "-o", "{model}/config.json/music.wav"], status: .cannotCreate,
      line: "{model}/config.json/music.wav: {model}/config.json is not a directory"),
    Case(
      arguments: ["compose", "Strings.", "-o", String(repeating: "a", count: 300) + ".wav"], status: .cannotCreate,
      line: String(repeating: "a", count: 300) + ".wav: cannot be written to: File name too long"),
    Case(
      arguments: ["compose", "Strings.", "-o", "/dev/fd/77"], status: .cannotCreate,
      line: "/dev/fd/77: cannot be written to: Bad file descriptor"),
    Case(
      arguments: ["compose", "Strings.", "-o", "/dev/fd/0"], status: .cannotCreate,
      line: "/dev/fd/0: cannot be written to: it is open for reading only"),
    Case(
      arguments: ["compose", "Strings.", "-o", ""], status: .usage,
      line: "--output: expected a file name, found nothing"),
    Case(
      arguments: ["compose", "Strings.", "--spectrogram", "music.jpg"], status: .usage,
      line: "--spectrogram: expected a name that ends in .png, found music.jpg"),
    Case(
      arguments: ["compose", "Strings.", "--spectrogram", "p.png"], status: .usage,
      line: "--spectrogram: expected a file, found a pipe or a device: p.png",
      shell: "ln -s /dev/full p.png; \"$@\"; code=$?; rm p.png; exit $code"),
    Case(
      arguments: ["routes", "Strings.", "--svg", "routes.png"], status: .usage,
      line: "--svg: expected a name that ends in .svg, found routes.png"),
    Case(
      arguments: ["compose", "Strings.", "--max-seconds", "0.1", "--min-seconds", "0.05", "-o", "/dev/full"],
      status: .inputOutput, line: "/dev/full: cannot be written: No space left on device"),
    Case(
      arguments: ["compose", "Strings.", "--max-seconds", "0.2", "--min-seconds", "0.2", "-o", "music.wav"],
      status: .inputOutput, line: "music.wav: cannot be written: File too large", shell: "ulimit -f 2; exec \"$@\""),
    Case(
      arguments: [
        "compose", "Strings.", "--max-seconds", "0.2", "--min-seconds", "0.2", "--rate", "96000", "-o", "music.flac",
      ],
      status: .inputOutput, line: "music.flac: cannot be written: File too large", shell: "ulimit -f 2; exec \"$@\""),
    Case(
      arguments: ["compose", "Strings.", "-o", "/dev/null"], status: .inputOutput, line: "memory: {memory}",
      shell: "ulimit -v 90000; exec \"$@\""),
    Case(
      arguments: ["info"], status: .inputOutput, line: "standard output: cannot write: No space left on device",
      shell: "exec \"$@\" > /dev/full"),
  ]

  @Test(arguments: text + options + models + outputs + same)
  func failureIsOneLineAndLeavesNothing(_ example: Case) throws {
    try TemporaryFolder.with { folder in
      let files = FileManager.default
      let work = folder.appendingPathComponent("here")
      try files.createDirectory(at: work, withIntermediateDirectories: true)
      let model = try TestModel.make(in: folder)
      func fill(_ text: String) -> String {
        text.replacing("{model}", with: model).replacing("{folder}", with: work.resolvingSymlinksInPath().path)
      }
      let run = try Program.run(
        example.arguments.map(fill), input: example.input,
        environment: example.hasModel ? ["UNIMOE_AUDIO_MODEL": model] : [:], in: work, shell: example.shell)
      // How much memory is needed depends on the libraries that are loaded.
      let found = run.errors.replacing(/expected at least [0-9]+ MiB of address space, found a limit of 87 MiB .*/) {
        _ in
        "{memory}"
      }
      #expect(found == "unimoe-audio: \(fill(example.line))\n")
      #expect(run.status == example.status.rawValue)
      #expect(run.output.isEmpty)
      #expect(try files.contentsOfDirectory(atPath: work.path).isEmpty)
    }
  }

  @Test func closedPipeIsSilent() throws {
    try TemporaryFolder.with { folder in
      let model = try TestModel.make(in: folder)
      let run = try Program.run(
        ["info", "--model", model], in: folder,
        shell: "mkfifo pipe; true < pipe & exec 9> pipe; wait; \"$@\" >&9")
      #expect(run.errors == "")
      #expect(run.status == unimoe_audio.ExitStatus.brokenPipe.rawValue)
    }
  }
}
