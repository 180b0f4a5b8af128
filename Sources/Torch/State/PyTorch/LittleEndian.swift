/// The little-endian number in `count` bytes from `offset` on. Traps outside the bytes.
func littleEndian(
  _ bytes: some RandomAccessCollection<UInt8>, _ offset: Int, _ count: Int
) -> UInt64 {
  bytes.dropFirst(offset).prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
