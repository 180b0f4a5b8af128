import Foundation

/// Writes a safetensors file whose tensors of zeros take no room on the disk, whatever their shapes say.
package func writeSparseWeights(
  _ shapes: KeyValuePairs<String, [Int]>, metadata: [String: String] = [:], to url: URL
) throws {
  var header: [String: Any] = ["__metadata__": metadata]
  var end = 0
  for (name, shape) in shapes {
    let start = end
    end += 4 * shape.reduce(1, *)
    header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [start, end]] as [String: Any]
  }
  let json = try JSONSerialization.data(withJSONObject: header)
  let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
  try (length + json).write(to: url)
  let file = try FileHandle(forWritingTo: url)
  try file.truncate(atOffset: UInt64(8 + json.count + end))
  try file.close()
}
