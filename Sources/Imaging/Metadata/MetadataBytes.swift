/// Lends an EXIF block and an ICC profile to a codec; what is nil or empty has no address.
func withMetadata<Result>(
  _ exif: [UInt8]?, _ profile: [UInt8]?,
  _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
  func present(_ buffer: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    buffer.isEmpty ? UnsafeBufferPointer(start: nil, count: 0) : buffer
  }
  return (exif ?? []).withUnsafeBufferPointer { exif in
    (profile ?? []).withUnsafeBufferPointer { profile in body(present(exif), present(profile)) }
  }
}
