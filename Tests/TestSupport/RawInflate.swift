import CCodec
import CZlib
import Foundation

/// Inflates a raw deflate stream of a known length.
package func inflateRaw(_ packed: [UInt8], count: Int) throws -> Data {
  var message = [CChar](repeating: 0, count: 256)
  var bytes = [UInt8](repeating: 0, count: max(count, 1))
  let status = czlib_inflate_raw(packed, packed.count, &bytes, count, &message)
  guard status == CODEC_OK else { throw CocoaError(.fileReadCorruptFile) }
  return Data(bytes.prefix(count))
}
