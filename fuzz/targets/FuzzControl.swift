extension FuzzTarget {
  /// A control connection's bytes; the first one says in which pieces they arrive.
  static let control = FuzzTarget(name: "control") { bytes throws(UniMoEError) in
    guard let size = bytes.first else { return }
    var reader = FrameReader(limit: 4096)
    var rest = bytes.dropFirst()
    while !rest.isEmpty {
      reader.append(rest.prefix(max(1, Int(size))))
      rest = rest.dropFirst(max(1, Int(size)))
      do throws(ControlFailure) {
        while let message = try reader.next() { try check(ReceivedCommand(message)) }
      } catch {
        throw UniMoEError(.request, "control", error.message)
      }
      precondition(reader.pendingBytes <= 4096 + 4 + 256)
    }
  }

  /// What is understood can be said again; what is not is an error in one line.
  private static func check(_ received: ReceivedCommand) throws(ControlFailure) {
    let command = try received.command.get()
    guard let id = received.id, let message = try? command.message(id: id) else { fatalError("not to be written") }
    let again = ReceivedCommand(message)
    precondition(again.id == id && again.command == .success(command))
  }
}
