extension String {
  /// What stands behind the last dot of a path's last name; `nil` where there is no dot but at the name's
  /// beginning, or nothing behind it.
  package var pathEnding: Substring? {
    let bytes = utf8
    guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot != bytes.startIndex else {
      return nil
    }
    let ending = bytes.index(after: dot)
    let before = bytes[bytes.index(before: dot)]
    guard before != UInt8(ascii: "/"), ending != bytes.endIndex,
      !bytes[ending...].contains(UInt8(ascii: "/"))
    else { return nil }
    return self[ending...]
  }

  /// The path without the ending and its dot.
  package var withoutPathEnding: String {
    guard let ending = pathEnding else { return self }
    return String(self[..<utf8.index(before: ending.startIndex)])
  }

  /// The last name of a path that does not end in a slash.
  package var lastPathName: Substring {
    guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return self[...] }
    return self[utf8.index(after: slash)...]
  }
}
