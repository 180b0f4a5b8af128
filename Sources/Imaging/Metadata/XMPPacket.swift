/// The packet for an upright image: the orientation, which XMP may state once more, is reset in place, as an
/// attribute and as an element (XMP specification, part 2, section 8.4). All else stays as it is.
func uprightXMP(_ packet: [UInt8]) -> [UInt8] {
  var packet = packet
  for (start, end) in [
    ("tiff:Orientation=\"", "\""), ("tiff:Orientation='", "'"), ("<tiff:Orientation>", "<"),
  ] {
    let (start, end) = (Array(start.utf8), Array(end.utf8)[0])
    var next = packet.startIndex
    while let first = packet[next...].firstIndex(of: start[0]) {
      next = first + 1
      let digit = first + start.count
      guard digit + 1 < packet.count, packet[first...].starts(with: start),
        (UInt8(ascii: "2")...UInt8(ascii: "8")).contains(packet[digit]), packet[digit + 1] == end
      else { continue }
      packet[digit] = UInt8(ascii: "1")
    }
  }
  return packet
}
