import Files
import Foundation
import Torch
import Wording

/// The networks' weights files in a run's folder, in one of its snapshots, or in a folder that the reference
/// implementation left: `latest_net_G_A.pth`, `200_net_D_B.pth`. A file alone stands for itself.
package struct WeightsFolder: Sendable {
  /// Which of several files of one network is meant.
  package enum Epoch: Sendable, Equatable {
    /// By validation.
    case best
    case latest
    case number(Int)
  }

  fileprivate struct File {
    let url: URL
    let network: String
    let label: Label
  }

  /// What stands before `net_`; the greatest is the newest.
  fileprivate enum Label: Comparable {
    case iteration(Int)
    case epoch(Int)
    case latest
    /// Nothing, as in our snapshots.
    case none
  }

  package let url: URL

  package init(_ url: URL) { self.url = url }

  package static let extensions = ["safetensors", "pth", "pt"]
  /// In the order in which they are listed.
  private static let knownNetworks = [
    "G_A", "G_B", "G_A_ema", "G_B_ema", "D_A", "D_B", "G", "G_ema", "D", "AE",
  ]

  /// Whose weights are used where nothing else is said.
  package var usualEpoch: Epoch {
    Self.files(in: RunFolder(url).best).isEmpty ? .latest : .best
  }

  /// The file with a network's weights, such as those of "G_A"; nil if there is none.
  /// - Parameter epoch: `nil` for the usual one.
  package func file(of network: String, at epoch: Epoch? = .latest) -> URL? {
    newest(network, in: files(at: epoch))?.url
  }

  /// The same for weights to begin a training with. The reference's pretrained models have one generator,
  /// `net_G`, which is the one from A to B.
  package func initialFile(of network: String) -> URL? {
    file(of: network)
      ?? (network == "G_A" && file(of: "G_B") == nil ? file(of: "G") : nil)
  }

  /// The file with the averaged weights of a network, and why there is none to be taken; `nil` for neither where none
  /// is to be expected.
  ///
  /// Files of several snapshots may lie in one folder: an average of another step than the weights beside it is
  /// not theirs. Where one network has an average, the others do.
  package func average(
    of network: String, at epoch: Epoch? = .latest
  ) throws(FileError) -> (file: URL?, warning: String?) {
    guard let average = file(of: "\(network)_ema", at: epoch) else {
      let other = files(at: epoch).first { $0.network.hasSuffix("_ema") }
      return (
        nil,
        other.map {
          "there is no net_\(network)_ema beside \($0.url.lastPathComponent); taking the last step's weights"
        }
      )
    }
    guard let weights = file(of: network, at: epoch) else { return (average, nil) }
    func step(_ file: URL) throws(FileError) -> String? {
      try WeightsFile(file, networks: [network]).metadata[Snapshot.stepKey]
    }
    let (own, other) = (try step(average), try step(weights))
    guard own != other else { return (average, nil) }
    func words(_ step: String?) -> String { step.map { "step \($0)" } ?? "a step it does not tell" }
    return (
      nil,
      "\(average.lastPathComponent) is of \(words(own)), \(weights.lastPathComponent) beside it of "
        + "\(words(other)): not its average; taking the last step's weights"
    )
  }

  /// One file for each network that is there, the newest.
  package var newestFiles: [URL] {
    let files = files(at: .latest)
    let others = Set(files.map(\.network)).subtracting(Self.knownNetworks).sorted()
    return (Self.knownNetworks + others).compactMap { newest($0, in: files)?.url }
  }

  /// How many further files there are of the same networks, from other epochs.
  package var olderFileCount: Int { files(at: .latest).count - newestFiles.count }

  private func newest(_ network: String, in files: [File]) -> File? {
    files.filter { $0.network == network }.max { ($0.label, $1.rank) < ($1.label, $0.rank) }
  }

  /// Those of the latest snapshot if there is one, of the folder itself otherwise.
  private func files(at epoch: Epoch?) -> [File] {
    if FileKind(of: url) == .file { return [Self.file(url)].compactMap { $0 } }
    let run = RunFolder(url)
    switch epoch ?? usualEpoch {
    case .best: return Self.files(in: run.best)
    case .latest:
      let ours = run.latestSnapshot.map { Self.files(in: $0.url) } ?? []
      return ours.isEmpty ? Self.files(in: url) : ours
    case .number(let number):
      let ours = Self.files(
        in: run.snapshots.appendingPathComponent(Snapshot.name(afterEpoch: number)))
      return ours.isEmpty ? Self.files(in: url).filter { $0.label == .epoch(number) } : ours
    }
  }

  private static func files(in folder: URL) -> [File] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().compactMap { file(folder.appendingPathComponent($0)) }
  }

  /// A file whose name is `net_<network>`, with a label before it or none; nil for others.
  private static func file(_ url: URL) -> File? {
    let name = url.lastPathComponent
    guard let ending = extensions.first(where: { name.hasSuffix(".\($0)") }),
      let start = name.range(of: "net_")
    else { return nil }
    let network = name[start.upperBound...].dropLast(ending.count + 1)
    let prefix = name[..<start.lowerBound]
    guard !network.isEmpty, prefix.isEmpty || prefix.hasSuffix("_"),
      let label = Label(String(prefix.dropLast()))
    else { return nil }
    return File(url: url, network: String(network), label: label)
  }
}

extension WeightsFolder.File {
  /// Of two files that differ in their kind alone, the lower is taken.
  fileprivate var rank: Int {
    WeightsFolder.extensions.firstIndex(of: url.pathExtension) ?? WeightsFolder.extensions.count
  }
}

extension WeightsFolder.Label {
  /// Nil for a word that the reference does not write.
  fileprivate init?(_ text: String) {
    if text.isEmpty {
      self = .none
    } else if text == "latest" {
      self = .latest
    } else if let epoch = Int(text) {
      self = .epoch(epoch)
    } else if text.hasPrefix("iter_"), let iteration = Int(text.dropFirst("iter_".count)) {
      self = .iteration(iteration)
    } else {
      return nil
    }
  }
}
