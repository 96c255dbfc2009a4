import Foundation

/// The built program, run as its users run it: as a process of its own.
enum Program {
  /// What a run left behind.
  struct Run {
    /// The exit code, or 128 and the signal's number.
    var status: Int32
    var output: [UInt8]
    var errors: String
    /// Standard output as text.
    var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// The program lies beside the test bundle.
  static var path: String {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("unimoe-audio").path
  }

  /// The source tree.
  static let sourceTree = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Runs the program; `shell` puts it under a shell line in which `"$@"` stands for program and arguments.
  static func run(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], in directory: URL? = nil,
    shell: String? = nil
  ) throws -> Run {
    try TemporaryFolder.with { scratch in
      let files = ["input", "output", "errors"].map(scratch.appendingPathComponent)
      try Data(input).write(to: files[0])
      for file in files[1...] { try Data().write(to: file) }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", shell ?? "exec \"$@\"", "sh", path] + arguments
      process.environment = Self.environment.merging(environment) { $1 }
      process.currentDirectoryURL = directory ?? scratch
      process.standardInput = try FileHandle(forReadingFrom: files[0])
      process.standardOutput = try FileHandle(forWritingTo: files[1])
      process.standardError = try FileHandle(forWritingTo: files[2])
      try withNoSignalBlocked { try process.run() }
      process.waitUntilExit()
      let isSignal = process.terminationReason == .uncaughtSignal
      return Run(
        status: isSignal ? 128 + process.terminationStatus : process.terminationStatus,
        output: Array(try Data(contentsOf: files[1])),
        errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
    }
  }

  /// Runs a body in a thread that blocks no signal, as a terminal starts programs: a process inherits what the thread that
  /// starts it blocks, and the testing library's threads block most.
  private static func withNoSignalBlocked(_ body: () throws -> Void) rethrows {
    var (none, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    try body()
  }

  /// An environment in which nothing of the user's is found.
  private static let environment = [
    "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
    "LD_LIBRARY_PATH": ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "",
  ]
}

/// A folder that is gone when its user is done.
enum TemporaryFolder {
  static func with<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("unimoe-audio-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
