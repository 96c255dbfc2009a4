/// A composed piece with all that is known of it, as training and other programs take it.
public struct ScoreRecord: Sendable {
  /// The piece.
  public let score: Score
  /// What it was composed to be, if it was composed.
  public let brief: Brief?
  /// The caption that asked for it.
  public let caption: String?
  /// Captions that were written for it; nothing: none were asked for.
  public let captions: [String]?
  /// What each code frame plays, and the microseconds before the first beat.
  public let plan: (plan: ScorePlan, leadIn: Int)?

  /// Puts a record together.
  public init(
    score: Score, brief: Brief? = nil, caption: String? = nil, captions: [String]? = nil,
    plan: (plan: ScorePlan, leadIn: Int)? = nil
  ) {
    (self.score, self.brief, self.caption, self.captions, self.plan) = (score, brief, caption, captions, plan)
  }

  /// The score's JSON object on one line, with the members `attributes`, `caption`, `captions`, `lead_in` (seconds) and
  /// `plan` where they are known.
  public var json: String {
    var text = "{" + ScoreText.members(of: score)
    if let brief { text += ",\"attributes\":" + brief.json }
    if let caption { text += ",\"caption\":" + UniMoEAudio.json(caption) }
    if let captions { text += ",\"captions\":[" + captions.map(UniMoEAudio.json).joined(separator: ",") + "]" }
    if let plan { text += ",\"lead_in\":\(ScoreText.seconds(plan.leadIn)),\"plan\":" + plan.plan.json }
    return text + "}"
  }
}
