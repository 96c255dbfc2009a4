import Foundation
import Posix
import Testing

/// Quotas of control groups, read from folders that look like the system's.
@Suite struct ProcessorQuotaTests {
  /// The processors found for groups and files under their root.
  private func processors(_ groups: String, _ files: [String: String]) throws -> Double? {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("quota-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    for (path, text) in files {
      let file = root.appendingPathComponent("mount/\(path)")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let membership = root.appendingPathComponent("cgroup")
    try Data(groups.utf8).write(to: membership)
    return ProcessorQuota.processors(groups: membership.path, root: root.appendingPathComponent("mount").path)
  }

  @Test func quotaOfTheOwnGroupCounts() throws {
    #expect(try processors("0::/a/b\n", ["a/b/cpu.max": "50000 100000\n", "a/cpu.max": "max 100000\n"]) == 0.5)
  }

  @Test func smallestQuotaAroundTheGroupCounts() throws {
    #expect(try processors("0::/a/b\n", ["a/b/cpu.max": "400000 100000\n", "a/cpu.max": "150000 100000\n"]) == 1.5)
  }

  /// A container without a name space of its own is told a path that it does not see.
  @Test func groupThatIsNotMountedFallsBackToTheRoot() throws {
    #expect(try processors("0::/docker/1234\n", ["cpu.max": "200000 100000\n"]) == 2)
  }

  @Test func groupsOfVersion1Count() throws {
    let quota = ["g/cpu.cfs_quota_us": "75000\n", "g/cpu.cfs_period_us": "50000\n"]
    for (folder, controllers) in [("cpu,cpuacct", "cpu,cpuacct"), ("cpu", "cpu"), ("cpu", "cpuacct,cpu")] {
      let files = Dictionary(uniqueKeysWithValues: quota.map { ("\(folder)/\($0.key)", $0.value) })
      #expect(try processors("12:memory:/g\n4:\(controllers):/g\n", files) == 1.5)
    }
  }

  @Test func unifiedFolderBesideVersion1Counts() throws {
    #expect(try processors("1:memory:/m\n0::/s\n", ["unified/s/cpu.max": "100000 100000"]) == 1)
  }

  @Test(arguments: [
    "max 100000", "", "100000", "-1 100000", "0 100000", "100000 0", "x y", "99999999999999999999 1",
  ]) func whatIsNoQuotaIsNone(text: String) throws {
    #expect(try processors("0::/a\n", ["a/cpu.max": text]) == nil)
    #expect(
      try processors("3:cpu:/a\n", ["cpu/a/cpu.cfs_quota_us": "-1\n", "cpu/a/cpu.cfs_period_us": "100000\n"]) == nil)
  }

  @Test func missingFilesAreNoQuota() throws {
    #expect(ProcessorQuota.processors(groups: "/nowhere/cgroup", root: "/nowhere") == nil)
    #expect(try processors("0::/\nnonsense\n::\n", [:]) == nil)
  }
}
