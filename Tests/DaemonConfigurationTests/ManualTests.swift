import Foundation
import Testing

@testable import DaemonConfiguration

/// The manual page of the settings; the settings are the measure.
@Suite struct ManualTests {
  private let page: String

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/man/unimoe-audiod.toml.5")
    page = try String(contentsOf: file, encoding: .utf8)
  }

  @Test func everySettingIsDescribedWithItsBuiltInValueAndWhetherItChanges() {
    var items = page.split(separator: "\n").filter { $0.hasPrefix(".It Cm ") }.map(String.init)
    for key in SettingKey.allCases {
      let value = key.builtIn.text.replacingOccurrences(of: "\"", with: "\\(dq")
      let item = ".It Cm \(key.rawValue) No = \(value)" + (key.isReloadable ? " *" : "")
      #expect(items.contains(item), "\(item)")
      items.removeAll { $0 == item }
    }
    #expect(items.isEmpty)
  }
}
