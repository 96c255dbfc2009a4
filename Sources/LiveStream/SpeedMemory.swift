/// How fast streams have been of late: seconds of sound per second of work, for each task and number of streams at work.
struct SpeedMemory: Sendable {
  /// What is measured apart: their requests differ in prompt and steps per second of sound.
  enum Task: Hashable, Sendable {
    case speech
    case music
  }

  /// By the number of streams at work.
  private var speeds: [Task: [Int: Double]] = [:]

  /// The speed to expect of one of `streams` at work; `nil` before the task's first stream.
  ///
  /// A number that was not measured yet gets its share of the next smaller one, or what a larger one had.
  func prediction(_ task: Task, among streams: Int) -> Double? {
    guard let known = speeds[task] else { return nil }
    if let fewer = known.keys.filter({ $0 <= streams }).max() {
      return known[fewer].map { $0 * Double(fewer) / Double(streams) }
    }
    return known.min { $0.key < $1.key }?.value
  }

  /// Takes a stream's speed into account; the last ones count most.
  mutating func record(_ speed: Double, _ task: Task, among streams: Int) {
    guard speed.isFinite, speed > 0 else { return }
    let earlier = speeds[task]?[streams]
    speeds[task, default: [:]][streams] = earlier.map { 0.5 * $0 + 0.5 * speed } ?? speed
  }
}
