// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "unimoe-audio",
  products: [
    Product.executable(name: "unimoe-audio", targets: ["unimoe-audio"]),
    Product.executable(name: "unimoe-audiod", targets: ["unimoe-audiod"]),
    // Built with -static-stdlib by the makefile, so that hosts need no Swift, and installed as libunimoe-audio.so.0; the
    // package's own programs link the engine's modules instead.
    Product.library(name: "unimoe-audio-library", type: .dynamic, targets: ["UniMoEAudioC"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(name: "Csndfile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
    .systemLibrary(name: "Csamplerate", pkgConfig: "samplerate", providers: [.apt(["libsamplerate0-dev"])]),

    // Numeric kernels, chosen at run time. -O3 holds in debug builds too, so that tests run the code that ships;
    // -ffp-contract=off keeps every fused multiply-add an explicit one, so that results do not depend on the optimiser.
    .target(
      name: "CKernels", dependencies: ["CPosix"],
      cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno"])]),

    // The version of everything here, from the public header.
    .target(name: "CVersion"),

    // Threads, clock, waiting and whole writes: the one place where each is done.
    .target(name: "CPosix"),
    .target(name: "Posix", dependencies: ["CPosix"]),

    // Reads the published codec's file, a zip with a pickle: knows nothing of the engine and runs nothing of the file.
    .target(name: "TorchArchive"),

    // The engine: one module, because generics and small functions are only specialised and inlined within a module.
    .target(name: "UniMoEAudio", dependencies: ["CKernels", "Csndfile", "Csamplerate", "Posix", "TorchArchive"]),

    // Writes checkpoints of random weights, for `random-model`, benchmarks and tests.
    .target(name: "RandomModel", dependencies: ["UniMoEAudio"]),

    // The lock-free ring between generation and an audio thread; apart from the engine, so that the process callback
    // that imports it cannot reach anything else. Its audio-thread functions are inlinable.
    .target(name: "AudioRing", dependencies: ["Posix"]),

    // One request on a thread of its own, its samples in a ring: what the C library and the daemon share.
    .target(name: "LiveStream", dependencies: ["AudioRing", "Posix", "UniMoEAudio"]),

    // The C library: the header says what each function does, the compiler compares it with the bodies.
    .systemLibrary(name: "CUniMoEAudio", path: "include"),
    .target(
      name: "UniMoEAudioC",
      dependencies: ["AudioRing", "CKernels", "CUniMoEAudio", "CVersion", "LiveStream", "Posix", "UniMoEAudio"],
      linkerSettings: [
        .unsafeFlags([
          // The default linker, gold, lets Swift's symbols through the version script.
          "-use-ld=lld",
          "-Xlinker", "-soname=libunimoe-audio.so.0",
          // Only what the header declares leaves the library.
          "-Xlinker", "--version-script=include/unimoe_audio.map",
          // Threads and the Swift runtime's state would not survive being unloaded.
          "-Xlinker", "-z", "-Xlinker", "nodelete",
          // A missing symbol is found here, not in the host.
          "-Xlinker", "-z", "-Xlinker", "defs",
          // Every symbol is bound when the library is loaded: the first call in an audio thread looks nothing up.
          "-Xlinker", "-z", "-Xlinker", "now",
          // The library's calls to itself stay inside, whatever the host defines.
          "-Xlinker", "-Bsymbolic",
        ])
      ]),

    // Ports, process callback and reconnection: sees rings, knows no model.
    .systemLibrary(name: "Cjack", pkgConfig: "jack", providers: [.apt(["libjack-jackd2-dev"])]),
    .target(name: "JACKClient", dependencies: ["AudioRing", "Cjack", "Posix"]),

    // The daemon's messages and its settings, without the daemon: its client, the tests and the fuzzer use them too.
    .target(name: "ControlProtocol"),
    .target(name: "DaemonConfiguration"),

    // The programs' arguments where Swift finds none.
    .target(name: "ProgramArguments"),

    // The command line; pictures of sound are its own.
    .systemLibrary(name: "Cpng", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .executableTarget(
      name: "unimoe-audio",
      dependencies: [
        "CKernels", "Cpng", "CVersion", "ControlProtocol", "Posix", "ProgramArguments", "RandomModel", "UniMoEAudio",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // The daemon: control socket, queue and JACK ports around the engine.
    .executableTarget(
      name: "unimoe-audiod",
      dependencies: [
        "AudioRing", "CVersion", "ControlProtocol", "DaemonConfiguration", "JACKClient", "LiveStream", "Posix",
        "ProgramArguments",
        "UniMoEAudio", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Measures the engine's insides, so it links them rather than the library's public face.
    .executableTarget(
      name: "unimoe-audio-bench",
      dependencies: [
        "RandomModel", "UniMoEAudio", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .testTarget(name: "UniMoEAudioTests", dependencies: ["CKernels", "RandomModel", "TestSupport", "UniMoEAudio"]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "CKernels", "Cpng", "TestSupport", "unimoe-audio",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // What several test targets use.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "PosixTests", dependencies: ["Posix", "TestSupport"]),
    .testTarget(name: "AudioRingTests", dependencies: ["AudioRing", "TestSupport"]),
    .testTarget(name: "LiveStreamTests", dependencies: ["AudioRing", "LiveStream", "TestSupport", "UniMoEAudio"]),
    // What the process callback costs, for `make bench`.
    .executableTarget(
      name: "callback-cost", dependencies: ["AudioRing", "JACKClient"], path: "benchmarks/callback-cost"),
    // The other end of the JACK tests' connections, a process of its own.
    .executableTarget(name: "jack-probe", dependencies: ["Cjack"], path: "Tests/jack-probe"),
    .testTarget(name: "JACKClientTests", dependencies: ["JACKClient", "TestSupport", "jack-probe"]),
    .testTarget(name: "ControlProtocolTests", dependencies: ["ControlProtocol"]),
    .testTarget(
      name: "DaemonTests",
      dependencies: [
        "ControlProtocol", "DaemonConfiguration", "LiveStream", "TestSupport", "UniMoEAudio", "jack-probe",
        "unimoe-audio", "unimoe-audiod",
      ]),
    .testTarget(name: "DaemonConfigurationTests", dependencies: ["DaemonConfiguration"]),
  ],
  swiftLanguageModes: [.v6]
)
