import Glibc

/// How many processors the system lets the process use for long: what its control groups' quotas allow, which no
/// affinity mask shows.
package enum ProcessorQuota {
  /// The processors of the smallest quota of the process's control groups and those around them, a broken number for a
  /// part of one; `nil` if there is none. Reads files.
  ///
  /// - Parameters:
  ///   - groups: Which groups the process is in: /proc/self/cgroup.
  ///   - root: Where the groups are mounted.
  package static func processors(groups: String = "/proc/self/cgroup", root: String = "/sys/fs/cgroup") -> Double? {
    guard let lines = contents(groups) else { return nil }
    return lines.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      let controllers = fields[1].split(separator: ",")
      if controllers.isEmpty {
        // Version 2, which lies one folder deeper where both versions are mounted.
        return [root, "\(root)/unified"].compactMap { smallest(from: fields[2], in: $0, unified) }.min()
      }
      guard controllers.contains("cpu") else { return nil }
      return [fields[1], "cpu"].compactMap { smallest(from: fields[2], in: "\(root)/\($0)", separate) }.min()
    }.min()
  }

  /// The smallest quota of a group and of those around it, up to the mount: a container may see its own group there.
  private static func smallest(from group: Substring, in root: String, _ quota: (String) -> Double?) -> Double? {
    var names = group.split(separator: "/")
    var found: [Double] = []
    while true {
      if let processors = quota(([root] + names.map(String.init)).joined(separator: "/")) { found.append(processors) }
      if names.popLast() == nil { return found.min() }
    }
  }

  /// Version 2: "50000 100000" microseconds, or "max 100000".
  private static func unified(_ folder: String) -> Double? {
    let fields = contents("\(folder)/cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
    return fields.count == 2 ? ratio(fields[0], fields[1]) : nil
  }

  /// Version 1: two files, -1 for no quota.
  private static func separate(_ folder: String) -> Double? {
    guard let quota = contents("\(folder)/cpu.cfs_quota_us"), let period = contents("\(folder)/cpu.cfs_period_us")
    else { return nil }
    return ratio(
      quota.prefix { !$0.isWhitespace }, period.prefix { !$0.isWhitespace })
  }

  private static func ratio(_ quota: Substring, _ period: Substring) -> Double? {
    guard let quota = Int(quota), let period = Int(period), quota > 0, period > 0 else { return nil }
    return Double(quota) / Double(period)
  }

  /// The text of a small file of the kernel's, which is read in one go; `nil` if it cannot be.
  private static func contents(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 16384)
    let count = read(descriptor, &bytes, bytes.count)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}
