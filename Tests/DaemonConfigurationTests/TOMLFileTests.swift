import Testing

@testable import DaemonConfiguration

@Suite struct TOMLFileTests {
  private func read(_ text: String) throws -> [TOMLFile.Entry] {
    try TOMLFile(Array(text.utf8), file: "f").entries
  }

  @Test func everyKindOfValueIsRead() throws {
    let entries = try read(
      """
      # a comment
      top = "a\\tb\\u00E9"   # another

      [jack]
      client-name = 'C:\\raw'
      "quoted key".part = 1
      number = -1_000
      hex = 0xFF
      float = 6.5e-1
      plain = +3.0
      yes = true
      list = [ "a",  # first
        "b", ]
      nested = [[1], []]
      """)
    #expect(
      entries.map(\.key) == [
        "top", "jack.client-name", "jack.quoted key.part", "jack.number", "jack.hex", "jack.float", "jack.plain",
        "jack.yes", "jack.list", "jack.nested",
      ])
    #expect(entries.map(\.line) == [2, 5, 6, 7, 8, 9, 10, 11, 12, 14])
    #expect(
      entries.map(\.value) == [
        .string("a\tb\u{E9}"), .string("C:\\raw"), .integer(1), .integer(-1000), .integer(255), .float(0.65), .float(3),
        .boolean(true), .array([.string("a"), .string("b")]), .array([.array([.integer(1)]), .array([])]),
      ])
  }

  @Test func windowsLineEndsAndByteOrderMarkAreTaken() throws {
    #expect(try read("\u{FEFF}a = 1\r\n[t]\r\nb = 2\r\n").map(\.key) == ["a", "t.b"])
  }

  @Test(arguments: [
    ("a", "f:1: a: expected =, found the end of the file"), ("a = ", "f:1: a: expected"), ("a = 1 2", "f:1: expected"),
    ("\na = 01", "f:2: a: expected"), ("a = 1__0", "f:1: a"), ("a = _1", "f:1: a"), ("a = 1.", "f:1: a"),
    ("a = .5", "f:1: a"), ("a = 99999999999999999999", "f:1: a"), ("a = yes", "f:1: a"), ("a = \"x", "f:1: a"),
    ("a = \"x\ny\"", "f:1: a"), ("a = \"\\q\"", "f:1: a"), ("a = \"\\uD800\"", "f:1: a"),
    ("a = 1\na = 2", "f:2: a: has a value already, on line 1"),
    ("[t]\n[t]", "f:2: the table [t] is there twice"), ("[t", "f:1: expected ]"), ("[[t]]", "f:1: arrays of tables"),
    ("a = {}", "f:1: a: inline tables"), ("a = \"\"\"x\"\"\"", "f:1: a: multi-line"),
    ("a = [1 2]", "f:1: a: expected , or ]"),
    ("a = [", "f:1: a: expected"), ("a = 1979-05-27", "f:1: a: expected"), ("= 1", "f:1: expected a key, found ="),
    ("a.b. = 1", "f:1: expected a key"), ("a = [[[[[[[[[1]]]]]]]]]", "f:1: a: arrays lie deeper"),
    ("a = 1 # \u{7}", "f:1"),
  ])
  func wrongTextIsAnErrorWithItsLine(text: String, beginning: String) {
    #expect { try read(text) } throws: { error in
      let line = "\(error)"
      return line.hasPrefix(beginning) && !line.contains("\n")
    }
  }

  @Test func otherBytesThanUTF8AreRefused() {
    #expect(throws: ConfigurationError("f", expected: "UTF-8 text", found: "other bytes")) {
      try TOMLFile([0x61, 0xFF], file: "f")
    }
  }
}
