extension ScorePlan {
  /// The plan as a JSON object: `code_rate`, `code_frames`, and an array of codes for each channel, -1 where unknown.
  public var json: String {
    let channels = Channel.allCases.map { channel in
      "\"\(channel.rawValue)\":[" + codes(of: channel).map(String.init).joined(separator: ",") + "]"
    }
    return "{\"code_rate\":\(Self.codeRate),\"code_frames\":\(codeFrames)," + channels.joined(separator: ",") + "}"
  }
}
