import Testing

@testable import UniMoEAudio

@Test func errorNamesFileFieldExpectedAndFound() {
  let error = UniMoEError(.model, "config.json", field: "hidden_size", expected: "a positive integer", found: "-3")
  #expect(error.description == "config.json: hidden_size: expected a positive integer, found -3")
}
