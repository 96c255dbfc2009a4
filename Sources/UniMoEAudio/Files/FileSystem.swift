import Glibc

/// What the last failed system call of this thread said.
package func systemReason() -> String { String(cString: strerror(errno)) }

/// Whether something lies at a path.
package func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// The names in a directory, in no order.
package func fileNames(in directory: String) throws(UniMoEError) -> [String] {
  guard let stream = opendir(directory) else {
    throw UniMoEError(.model, directory, "cannot be opened: \(systemReason())")
  }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    names.append(withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
  }
  return names
}
