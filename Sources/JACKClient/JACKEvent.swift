/// What happened on the JACK side since it was last asked; see `JACKClient.takeEvents`.
public enum JACKEvent: Sendable {
  /// The client is in the graph: the first time or again.
  case connected(sampleRate: Int, bufferSize: Int)
  /// The server went away or threw the client out; the client tries to come back.
  case disconnected
  /// A try to open the client failed for another reason than the try before: a line for the log.
  case unreachable(String)
  /// The client does not come back in this process: a line that says why.
  case stranded(String)
  /// The server's buffer size changed, in frames.
  case bufferSizeChanged(Int)
  /// The server's sample rate changed, in Hz; playbacks of another rate end with `.rateChanged`.
  case sampleRateChanged(Int)
  /// A playback is over.
  case finished(Playback, Playback.Ending)
}

/// Where the client stands.
public enum JACKServerState: Sendable, Equatable {
  /// No server yet, or none any more; a new try is due within a quarter of a second.
  case absent
  /// In the graph, with its process callback running.
  case running
  /// Stopped for good.
  case stopped
}
