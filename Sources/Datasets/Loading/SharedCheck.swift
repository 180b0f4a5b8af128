import Files
import Foundation
import Imaging
import Torch

/// What checking one image has found, as the processes of a run tell it to each other.
enum CheckedImage: Codable, Sendable {
  case usable(ImageSize?, remarks: [String], ValueSurvey)
  case unusable(path: String, reason: String)
}

/// Images that several processes check together: each checks those whose turn it is, and learns the rest.
struct SharedCheck {
  let processes: ProcessGroup?
  /// Of all images.
  let count: Int

  /// The places of this process's images.
  var own: [Int] {
    Array(stride(from: processes?.rank ?? 0, to: count, by: processes?.count ?? 1))
  }

  /// What was found about all images, in order.
  ///
  /// - Parameter found: about this process's own.
  func completed(_ found: [CheckedImage]) -> [CheckedImage] {
    guard let processes, let encoded = try? JSONEncoder().encode(found) else { return found }
    let all = processes.exchange(encoded).map {
      (try? JSONDecoder().decode([CheckedImage].self, from: $0)) ?? []
    }
    return (0..<count).map { all[$0 % all.count][$0 / all.count] }
  }
}
