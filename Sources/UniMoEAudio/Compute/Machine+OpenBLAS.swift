extension Machine {
  /// What is known of the OpenBLAS that this machine has.
  public struct OpenBLASStatus: Sendable {
    /// The file that was loaded.
    public let path: String
    /// The name of the core in use, for instance `SkylakeX`.
    public let core: String
    /// Version and build options, as the library states them.
    public let configuration: String
    /// Whether a small product came out right.
    public let isRight: Bool
  }

  /// The OpenBLAS that the engine's own products are compared with; `nil` if none is installed. The engine does not need
  /// it. The first call loads it, with environment variables changed for that moment: call it while no other thread
  /// reads the environment.
  public static var openBLAS: OpenBLASStatus? {
    OpenBLAS.shared.map {
      OpenBLASStatus(path: $0.path, core: $0.core, configuration: $0.configuration, isRight: $0.isRight)
    }
  }
}
