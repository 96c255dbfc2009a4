extension FuzzTarget {
  /// The daemon's configuration file.
  static let configuration = FuzzTarget(name: "configuration") { bytes throws(UniMoEError) in
    do throws(ConfigurationError) {
      let file = try TOMLFile(bytes, file: "f")
      precondition(Set(file.entries.map(\.key)).count == file.entries.count)
      var configuration = Configuration()
      try configuration.merge(file, name: "f")
      var again = Configuration()
      try again.merge(TOMLFile(Array(configuration.text.utf8), file: "g"), name: "g")
      precondition(again.differences(from: configuration).isEmpty)
    } catch {
      throw UniMoEError(.request, error.description, "")
    }
  }
}
