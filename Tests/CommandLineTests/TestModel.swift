import Foundation

/// A model directory made of the reference fixtures: the miniature decoder and the miniature codec.
enum TestModel {
  /// Makes the directory under a folder and returns its path.
  static func make(in folder: URL) throws -> String {
    let model = folder.appendingPathComponent("model")
    let reference = Program.sourceTree.appendingPathComponent("Tests/Reference")
    let files = FileManager.default
    try files.createDirectory(at: model, withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: reference.appendingPathComponent("tiny-model").path) {
      try files.createSymbolicLink(
        at: model.appendingPathComponent(name),
        withDestinationURL: reference.appendingPathComponent("tiny-model/\(name)"))
    }
    try files.createSymbolicLink(
      at: model.appendingPathComponent("codec"), withDestinationURL: reference.appendingPathComponent("dac-tiny"))
    return model.path
  }
}
