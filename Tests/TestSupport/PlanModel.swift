import Foundation

/// A model directory with plan channels, a codec, a lexicon and a voice, made of `Tests/Fixtures/plan-model` and
/// `Tests/Fixtures/plan-sound`.
package enum PlanModel {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures")

  /// Makes the directory `plan` in a folder and returns its path.
  package static func make(in folder: String) throws -> String {
    let model = "\(folder)/plan"
    let files = FileManager.default
    try files.createDirectory(atPath: model, withIntermediateDirectories: true)
    for fixture in ["plan-model", "plan-sound"] {
      let source = fixtures.appendingPathComponent(fixture).path
      for name in try files.contentsOfDirectory(atPath: source) where name != "README.md" {
        try files.createSymbolicLink(atPath: "\(model)/\(name)", withDestinationPath: "\(source)/\(name)")
      }
    }
    return model
  }
}
