import Datasets
import Files
import Imaging
import Models

// Translating images that are in memory and stay there.
extension Translator {
  /// Why the network does not take an image; nil where it does.
  package func obstacle(of file: ImageFile) -> String? { networkNeeds.obstacle(of: file) }

  package var inputChannels: Int { model.configuration.inputChannels }
  package var outputChannels: Int { model.configuration.outputChannels }

  /// The results of images of one size, which the network takes, as they would be written.
  ///
  /// - Returns: nil for an image whose result is not a number.
  /// Throws `FileError` where they are too large for the memory that is free.
  /// - Parameter path: of the first, for the error.
  package func results(of files: [ImageFile], path: String) throws(FileError) -> [Image?] {
    guard let first = files.first?.image else { return [] }
    let (height, width) = (first.height, first.width)
    let memory = memory.measured()
    switch memory.way(height: height, width: width, tiled) {
    case .whole:
      return memory.groups(of: files.count, height: height, width: width).flatMap { group in
        let output = output(for: files[group].map { networkInput($0.image) })
        return group.map { image(in: output, at: $0 - group.lowerBound, for: files[$0]) }
      }
    case .tiles(let plan, _):
      var results: [Image?] = []
      for file in files {
        let result = try translateInTiles(
          plan, progress: { _ in }, opening: { () throws(FileError) in TileSource(file) })
        results.append(result?.image.removingAlpha())
      }
      return results
    case .impossible(let needed):
      throw FileError(
        path: path, reason: memory.refusal(ImageSize(height: height, width: width), needed: needed))
    }
  }
}
