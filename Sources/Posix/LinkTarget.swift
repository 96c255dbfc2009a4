import Glibc

/// The path that symbolic links lead to from `path`, whether a file is there or not: what is written to a link that leads
/// nowhere yet goes where the link points, as with open(2). Throws ELOOP where the links go round in circles.
package func linkTarget(_ path: String) throws(SystemError) -> String {
  var path = path
  for _ in 0..<40 {  // the kernel's limit
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBufferPointer { room in
      room.baseAddress.map { readlink(path, $0, room.count) } ?? -1
    }
    if count < 0 { return path }
    let link = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    if link.hasPrefix("/") {
      path = link
    } else {
      path = (path.lastIndex(of: "/").map { String(path[...$0]) } ?? "") + link
    }
  }
  throw SystemError(number: ELOOP)
}
