import Datasets
import Foundation
import Imaging
import Training
import Wording

/// How many channels the networks of a run have, where the files decide it.
struct ChannelChoice {
  /// Files of a folder by their number of channels, without alpha.
  private struct Count {
    let folder: String
    let files: [Int: Int]
    /// What they are called.
    private let noun: String

    init(_ folder: ImageFolder, _ path: String, _ data: DataSettings, workers: Int) {
      let reading = data.reading
      let images = Array(
        ImagePage.all(in: folder.files, reading).prefix(data.maximumImages ?? .max))
      noun = reading.pages == .images ? "page" : "file"
      let headers = Prefetcher(0..<images.count, depth: workers * 2, workers: workers) { index in
        // Files without a readable header are reported when all are decoded.
        try? images[index].readLayout(reading).colors
      }
      var found: [Int: Int] = [:]
      while let colors = try? headers.next() {
        if let colors { found[colors, default: 0] += 1 }
      }
      self.folder = path
      self.files = found
    }

    /// "12 files have 4 channels, 3 have 1"
    var words: String {
      let parts = files.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      return parts.enumerated().map { index, part in
        index == 0
          ? "\(counted(part.value, noun)) \(part.value == 1 ? "has" : "have") \(counted(part.key, "channel"))"
          : "\(grouped(part.value)) \(part.value == 1 ? "has" : "have") \(part.key)"
      }.joined(separator: ", ")
    }
  }

  let a: Int
  let b: Int

  /// Looks at the headers of a folder's files where its channels are not given. Gray and color together are taken as
  /// color.
  ///
  /// Throws `DomainError` where the files have several other numbers of channels.
  init(
    _ request: CycleGANRequest, _ folders: TrainingDomains.Folders, workers: Int,
    report: (TrainingEvent) -> Void
  ) throws(DomainError) {
    let data = request.configuration.data
    func choose(
      _ side: DomainSide, _ given: Int?, _ folder: ImageFolder
    ) throws(DomainError) -> Int {
      if let given { return given }
      let path = side == .a ? data.folderA : data.folderB
      let count = Count(folder, path, data, workers: workers)
      guard count.files.count > 1 else { return count.files.keys.first ?? 3 }
      guard count.files.keys.allSatisfy({ $0 == 1 || $0 == 3 }) else {
        throw .severalChannels(folder: path, side: side, words: count.words)
      }
      report(.notice("\(path): \(count.words); all are taken as color"))
      return 3
    }
    var a = try choose(.a, request.channelsA, folders.a.training)
    var b = try choose(.b, request.channelsB, folders.b.training)
    if request.configuration.losses.identityWeight > 0, a != b {
      // The identity loss needs as many channels in A as in B, and gray fits into color.
      let areOpen = request.channelsA == nil || request.channelsB == nil
      guard areOpen, Set([a, b]) == [1, 3],
        (request.channelsA ?? 3) == 3, (request.channelsB ?? 3) == 3
      else { throw .identityNeedsOneCount(a: a, b: b) }
      report(.notice("gray images are taken as color, which the identity loss needs"))
      (a, b) = (3, 3)
    }
    (self.a, self.b) = (a, b)
  }
}
